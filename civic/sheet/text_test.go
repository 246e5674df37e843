package sheet

import "testing"

func TestTidyName(t *testing.T) {
	for s, want := range map[string]string{
		"张三": "张三", " 张\u3000三 ": "张三", "张 三 丰": "张三丰", "张 三丰": "张三丰", "欧 阳 娜 娜": "欧阳娜娜", "张三 李四": "张三 李四", "欧阳  娜娜": "欧阳 娜娜",
		"买买提·艾力": "买买提·艾力", "买买提•艾力": "买买提·艾力", "买买提．艾力": "买买提·艾力", "买买提.艾力": "买买提·艾力", "J. Smith": "J. Smith", "Ａｎｎａ　Ｍ": "Anna M",
		"张\u200B三\uFEFF": "张三", "\u202E张三": "张三", "葛\U000E0100": "葛", "⽂⼀": "文一", "𬱖㛃": "𬱖㛃", "张三（大）": "张三（大）", "": "",
	} {
		if got := tidyName(s); got != want {
			t.Errorf("%q = %q, want %q", s, got, want)
		}
		if again := tidyName(tidyName(s)); again != want {
			t.Errorf("%q = %q the second time", s, again)
		}
	}
	for s, want := range map[string]bool{"张三": false, "张三、李四": true, "张三/李四": true, "张三,李四": true, "Smith, John": false, "张三 李四": false} {
		if got := namesSeveral(s); got != want {
			t.Errorf("%q names several: %v", s, got)
		}
	}
}

// TestShortenHidesNumbers: a reason may end in a log.
func TestShortenHidesNumbers(t *testing.T) {
	for s, want := range map[string]string{
		"12.5": "12.5", "1234567": "1234567", "13800138000": "138…", "１１０１０５１９４９１２３１００２Ｘ": "110…", "张三 13800138000": "张三 …",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六": "一二三四五六七八九十一二三四五六七八九十一二三四…",
	} {
		if got := shorten(s); got != want {
			t.Errorf("%q = %q, want %q", s, got, want)
		}
	}
}
