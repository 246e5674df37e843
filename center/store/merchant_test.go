package store

import (
	"errors"
	"strings"
	"testing"

	"yizhan/civic"
)

func TestMerchantsAreWrittenOverWhatWasSeen(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		id, err := w.NewMerchantID()
		w.must(err)
		shop := Merchant{ID: id, Scope: "qingxi", Kind: Seller, Name: "清溪粮油站", License: "91320500MA1", Account: "农商行 6230", Quota: 5000, From: 2900, Until: 3200}
		w.must(w.PutMerchant(ctx, 0, shop))
		w.must(w.PutMerchant(ctx, 0, shop)) // the form was sent twice
		seen, err := w.Merchant(ctx, id)
		w.must(err)
		shop.Version = 1
		if seen != shop {
			t.Errorf("%+v", seen)
		}
		other := shop
		other.Quota = 6000
		w.must(w.PutMerchant(ctx, 1, other))
		shop.Phone = "0512-65123456"
		if err := w.PutMerchant(ctx, 1, shop); !errors.Is(err, ErrChanged) {
			t.Errorf("over what somebody else wrote: %v", err)
		}
		other.Closed = true
		w.must(w.PutMerchant(ctx, 2, other))
		list, err := w.Merchants(ctx)
		w.must(err)
		if len(list) != 1 || list[0].Quota != 6000 || list[0].Version != 3 || list[0].On(3000) {
			t.Errorf("%+v", list)
		}
		acts, err := w.Acts(ctx, "qingxi", 0, 10)
		w.must(err)
		if len(acts) != 3 || acts[0].Kind != "merchant.closed" || acts[1].Kind != "merchant.changed" || acts[2].Kind != "merchant.added" {
			t.Errorf("%+v", acts)
		}
		for name, m := range map[string]Merchant{
			"no id": {Scope: "qingxi", Kind: Seller, Name: "x"}, "no name": {ID: id, Scope: "qingxi", Kind: Seller}, "no kind": {ID: id, Scope: "qingxi", Name: "x"},
			"ends before it begins": {ID: id, Scope: "qingxi", Kind: Donor, Name: "x", From: 9, Until: 8},
			"a long text":           {ID: id, Scope: "qingxi", Kind: Donor, Name: "x", Note: strings.Repeat("长", MaxMerchantText+1)},
			"a line":                {ID: id, Scope: "qingxi", Kind: Donor, Name: "x", Address: "a\nb"},
		} {
			if err := w.PutMerchant(ctx, 3, m); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		other.Scope = "nowhere"
		if err := w.PutMerchant(ctx, 0, other); !errors.Is(err, ErrUnknown) {
			t.Errorf("in no scope: %v", err)
		}
		if _, err := w.Merchant(ctx, "0000000000000000"); !errors.Is(err, ErrUnknown) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestGoodsComeFromMerchants(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		w.kiosk("A-01")
		const shop = "00112233445566aa"
		rice := civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 300, Merchant: shop}
		w.must(w.PutGood(ctx, "center", 0, rice, nil))
		w.must(w.PutGood(ctx, "shiqiao", 0, civic.Good{Code: "oil", Name: "菜油", Unit: "桶", Price: 600}, nil))
		bad := rice
		bad.Merchant = "somebody"
		if err := w.PutGood(ctx, "qingxi", 0, bad, nil); !errors.Is(err, ErrInput) {
			t.Errorf("from nobody: %v", err)
		}
		list, err := w.GoodsFrom(ctx, shop)
		w.must(err)
		if len(list) != 1 || list[0].Scope != "center" || list[0].Code != "rice" {
			t.Errorf("%+v", list)
		}
		goods, err := w.GoodsAt(ctx, "A-01")
		w.must(err)
		if len(goods) != 2 || goods["rice"].Merchant != shop || goods["oil"].Name != "菜油" {
			t.Errorf("%+v", goods)
		}
	})
}
