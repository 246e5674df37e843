package kiosk

import (
	"testing"

	"yizhan/civic"
)

func TestFindByInitials(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk).get("/staff/find").sees("姓名拼音", "还差 2 位").lacks("张*伟")
	s.get("/staff/find?q=z").sees("还差 1 位").lacks("张*伟", "/staff/found")
	s.follow("/staff/find?q=zx").sees("看这 1 位").lacks("张*伟")
	s.follow("/staff/found?q=zx").sees("张*伟", "000001", "4260").lacks("张小伟", zhangPhone, "王*英")
	s.follow("/staff/person/").sees("张*伟", "1,260")
}

func TestFindByDigits(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk)
	s.get("/staff/found?q=4260").sees("张*伟").lacks("王*英")
	s.get("/staff/found?q=0001").sees("王*英", "刘*山") // they share a phone
	s.get("/staff/found?q=000003").sees("刘*山").lacks("王*英")
	s.get("/staff/found?q=9876").sees("没有找到")
}

func TestNobodyIsListedWithoutAQuery(t *testing.T) {
	s := newVillage(t).screen()
	s.onDutyAs(clerk)
	for _, q := range []string{"", "z", "4", "%20%20", "张小伟", "*"} {
		s.get("/staff/found?q="+escape(q)).lacks("张*伟", "王*英", "刘*山")
	}
}

func TestPersonPage(t *testing.T) {
	v := newVillage(t)
	waiting := v.reserve(zhang, "G01", 1, 280)
	done := v.handedOver(zhang, "G05", 1, 90)
	s := v.screen()
	s.onDutyAs(clerk).get(personURL(id(zhang), "redemptions")).sees("890", "另有 280 分", "东北大米", "等着领", "棉毛巾", "交好了").lacks("张小伟", zhangPhone)
	s.get(personURL(id(zhang), "lines")).sees("路口文明劝导", "+200", "换东西", "−280")
	s.get(personURL(id(zhang), "lots")).sees("2027年12月底", "2028年12月底")
	s.follow("/staff/person/")
	s.get(exchangePage(waiting.Seq)).sees("等着领", "2026年12月底到期")
	s.get(exchangePage(done.Seq)).sees("李*芳 交货")
	s.get("/staff/person/NOBODYNOBODYNOBO").sees("这里没有")
}

func TestVolunteersLockedPINIsUnlocked(t *testing.T) {
	v := newVillage(t)
	v.lock(liu)
	s := v.screen()
	s.onDutyAs(clerk).get(personURL(id(liu), "lots")).sees("密码锁了")
	s.follow("/staff/unlock/").sees("刘*山", "解锁")
	s.post(s.at).sees("没有锁")
	if _, tries, err := v.cfg.Store.PINState(id(liu)); err != nil || tries != 0 {
		t.Errorf("%d tries of %d are still counted, %v", tries, civic.MaxPINTries, err)
	}
}
