package main

import (
	"io/fs"
	"syscall"

	"yizhan/center"
	centerbook "yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/kiosk/enrol"
	"yizhan/kiosk/store"
	"yizhan/kiosk/store/seal"
	"yizhan/link"
)

// hints say how to mend what an error says. The first that fits is printed.
var hints = []struct {
	err    error
	zh, en string
}{
	{civic.ErrForged, "文件坏了，或者不是它自称的发行方签的：不要使用，请发行方重新拷一份。",
		"Do not use the file. Ask its issuer for a fresh copy."},
	{civic.ErrNewer, "文件是更新的程序做的，没有坏，什么都没有改动：请先升级这里的 yizhan，再试一次。",
		"A newer program made the file. It is good, and nothing was changed: update yizhan here, then try again."},
	{civic.ErrForeign, "这个文件是给别的益栈的，或者来自别的发行方：请核对 --kiosk、--epoch 和 U 盘上的文件。",
		"The file is for another kiosk or from another issuer. Check --kiosk, --epoch and which file is on the stick."},
	{civic.ErrOlder, "已经有更新的了：请用最新做的那个文件。",
		"A newer one is known already. Use the file that was made last."},
	{issuer.ErrNothingTaken, "请按上面的提示改好清单再试；原来的文件没有动。",
		"Mend the lists as told above and try again. What was issued before is as it was."},
	{issuer.ErrUnknownPerson, "请核对编号；只能给名册里已有的人换卡。",
		"Check the number. Only persons who are in the register can get a new card."},
	{issuer.ErrKey, "请从备份恢复 issuer.key；没有它就不能给已有的益栈做新文件。",
		"Restore issuer.key from a backup. Without it no bundle can be made for kiosks that know this issuer."},
	{center.ErrNoStation, "请先运行 yizhan center kiosk station 益栈名 station.toml，再做文件。",
		"Run 'yizhan center kiosk station KIOSK station.toml' first."},
	{center.ErrNoBox, "这个益栈还没有登记过机器：先在机器上用一次性代码登记，工作人员批准后再做文件。",
		"Enrol a box for the kiosk first, and approve it."},
	{center.ErrJournalKiosk, "请核对：这份流水是不是别的中心的益栈的？什么都没有改动。",
		"Check whether the journal is of another center's kiosk. Nothing was changed."},
	{center.ErrJournalEpoch, "这台机器登记到这个中心以前的流水，中心不收；请核对文件。",
		"The center does not take what the box wrote before it was enrolled here. Check the file."},
	{center.ErrJournalKey, "不是登记过的那台机器签的：请核对文件。什么都没有改动。",
		"Another box than the enrolled one signed it. Check the file; nothing was changed."},
	{center.ErrJournalGap, "前面的流水还没到：请先收以前拷的文件，或在益栈重新拷一份完整的。",
		"Take in the file that was copied before it first, or copy the whole journal at the kiosk again."},
	{center.ErrJournalFork, "同一个编号有两条不同的流水：这台益栈已经停用待查。请工作人员查明后换机（新一期）或解除。",
		"Two different entries have one number: the kiosk is in quarantine. An officer replaces the box (new epoch) or lifts it."},
	{link.ErrNoEntries, "这台益栈还没有流水：请核对 --data 和 --kiosk。",
		"There are no entries yet. Check --data and --kiosk."},
	{link.ErrBreaksOff, "文件不完整，U 盘可能拔早了：已收的不受影响，请在益栈重新拷一份。",
		"The file is cut short; the stick may have been pulled too early. What was taken stands: copy it again at the kiosk."},
	{link.ErrCourier, "这不是流水文件，或者已经损坏：已收的不受影响，请在益栈重新拷一份。",
		"The file is no journal, or damaged. What was taken stands: copy it again at the kiosk."},
	{errNotEnrolled, "这台机器还没有登记到中心：请先启动 yizhan kiosk 登记；单独使用的益栈请写 --kiosk。",
		"No center has enrolled this box: start 'yizhan kiosk' and enrol it, or give --kiosk if it stands alone."},
	{errBelongs, "这个数据文件夹已经登记到中心：请去掉 --kiosk，或换一个 --data。",
		"The data folder is that of a center's kiosk. Leave --kiosk out, or use another --data."},
	{enrol.ErrFile, "登记文件 center.json 读不出来：请从备份恢复，或者向中心要一张新的登记码重新登记。",
		"center.json cannot be read. Put it back from a backup, or move it away and enrol the box anew."},
	{store.ErrNoJournal, "流水账的介质好像没有挂上：请插好、挂好再启动。确实找不回来了，才运行 yizhan verify --mend --journal-lost。",
		"Mount the medium of the journal and start again. Only when it is lost for good: yizhan verify --mend --journal-lost."},
	{store.ErrOtherKiosk, "这个数据文件夹是另一台益栈的：请核对 --kiosk 和 --data。什么都没有改动。",
		"The data folder is that of another kiosk. Check --kiosk and --data; nothing was changed."},
	{seal.ErrNoKey, "这台机器的密钥 key 不见了，没有它账本打不开：请从备份恢复到数据文件夹，权限设为 600。",
		"The box's key is gone, and nothing but it opens the books. Put it back from the backup, with mode 600."},
	{errServing, "有程序正在用这个账本：请先关掉中心和其他命令。",
		"Stop the center (and other commands on it), then try again; nothing was changed."},
	{errNoBook, "密钥还在，账本不见了：请核对 --data，或用 yizhan center restore 把备份放回来。",
		"Check --data, or put a copy back with 'yizhan center restore FILE'. No new book was begun."},
	{errDisproved, "账本前后对不上：请停下来，保留现场，把上面的内容发给技术支持。",
		"Stop here, keep the book as it is, and send the lines above to whoever supports you."},
	{errFingerprint, "没有这个指纹的机器在等：请再看一遍机器屏幕上的指纹；如果确实不同，中间可能有人，请拒绝。",
		"Read the fingerprint on the box once more. If it really differs, somebody may stand in between: do not approve."},
	{center.ErrKeys, "中心的密钥不全：请从备份恢复 keys 文件夹（权限 600）。换了密钥，所有益栈都连不上。",
		"Put the keys folder back from its backup, with mode 600. With other keys no kiosk would connect."},
	{centerbook.ErrOtherKeys, "这个账本是用另一套密钥的：请核对 --data 和 --cert，把原来的 keys 文件夹拷过来。换密钥要让所有益栈重新登记（--new-keys）。",
		"Check --data and --cert, and copy the keys folder that belongs to this book. New keys (--new-keys) mean that every kiosk is enrolled again."},
	{centerbook.ErrSameOfficer, "核销要两个人：请另一位工作人员确认。",
		"A write-off takes two: somebody else confirms it."},
	{centerbook.ErrKeyReused, "这个 --key 已经用于另一笔积分。", "This --key belongs to another gift. Use another one."},
	{centerbook.ErrUnknown, "中心没有这个名字：用 yizhan center kiosk list 或 scope list 看看有哪些。",
		"The center does not know it. 'yizhan center kiosk list' and 'scope list' show what there is."},
	{centerbook.ErrInput, "这个值不行：名字、编号或数目不对。", "The center does not take it: a name, an id or a number is wrong."},
	{centerbook.ErrBusy, "数据库太忙或连不上：请检查数据库，再试一次。", "The database is busy or away. Check it, and try again; it is safe to repeat."},
	{fs.ErrNotExist, "请检查路径有没有写错，U 盘有没有插好。",
		"Check the path, and that the medium is plugged in."},
	{fs.ErrPermission, "没有权限：请换一个能写的文件夹，或换一个用户。",
		"Not permitted: use a folder that you may write to, or another user."},
	{syscall.EADDRINUSE, "这个端口已经有程序在用：是不是已经开了一个益栈？请先关掉它，或换一个端口。",
		"Another program has the port; perhaps a kiosk is running already. End it, or use another port."},
	{syscall.EADDRNOTAVAIL, "这台机器没有这个地址：请核对 --listen，一般就用 127.0.0.1:8321。",
		"This box has no such address. Check --listen; 127.0.0.1:8321 is the usual one."},
	{syscall.ENOSPC, "磁盘满了：请腾出空间再试，什么都没有改动。",
		"The disk is full. Make room and try again; nothing was changed."},
}
