package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
)

// schema is every statement that ever shaped the tables, in order; a later
// version of the program only appends. A comment behind a table names its shard
// key for the reader; the lint test works it out from the primary key.
//
// BYTEA and BIGINT are PostgreSQL's names, and SQLite keeps blobs and integers
// under them as they are.
var schema = []string{
	// Of one volunteer.
	`CREATE TABLE IF NOT EXISTS person (
		volunteer TEXT NOT NULL,
		town TEXT NOT NULL,
		home TEXT NOT NULL,
		version BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (volunteer))`,
	`CREATE TABLE IF NOT EXISTS lot (
		volunteer TEXT NOT NULL,
		expires BIGINT NOT NULL,
		earned BIGINT NOT NULL,
		expired BIGINT NOT NULL,
		free BIGINT NOT NULL CHECK (free >= 0),
		PRIMARY KEY (volunteer, expires))`,
	`CREATE TABLE IF NOT EXISTS earning (
		volunteer TEXT NOT NULL,
		id TEXT NOT NULL,
		expires BIGINT NOT NULL,
		points BIGINT NOT NULL,
		body BYTEA NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, id))`,
	`CREATE TABLE IF NOT EXISTS rights (
		volunteer TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		expires BIGINT NOT NULL,
		granted BIGINT NOT NULL,
		spent BIGINT NOT NULL,
		refunded BIGINT NOT NULL,
		returned BIGINT NOT NULL,
		held BIGINT NOT NULL,
		lost BIGINT NOT NULL,
		PRIMARY KEY (volunteer, kiosk, epoch, expires))`,
	`CREATE TABLE IF NOT EXISTS folded (
		volunteer TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		PRIMARY KEY (volunteer, kiosk, epoch))`,
	`CREATE TABLE IF NOT EXISTS outbox (
		volunteer TEXT NOT NULL,
		id TEXT NOT NULL,
		kind TEXT NOT NULL,
		target TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		points BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		sent BIGINT NOT NULL,
		PRIMARY KEY (volunteer, id))`,

	// Of one kiosk.
	`CREATE TABLE IF NOT EXISTS kiosk (
		kiosk TEXT NOT NULL,
		name TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		cap BIGINT NOT NULL,
		revoked BIGINT NOT NULL,
		unreported BIGINT NOT NULL,
		seen_ms BIGINT NOT NULL,
		status BYTEA NOT NULL,
		PRIMARY KEY (kiosk))`,
	`CREATE TABLE IF NOT EXISTS chain (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		public_key BYTEA NOT NULL,
		state TEXT NOT NULL,
		reason TEXT NOT NULL,
		seq BIGINT NOT NULL,
		hash BYTEA NOT NULL,
		signed BIGINT NOT NULL,
		signature BYTEA NOT NULL,
		folded BIGINT NOT NULL,
		granted BIGINT NOT NULL,
		spent BIGINT NOT NULL,
		refunded BIGINT NOT NULL,
		returned BIGINT NOT NULL,
		opened_by TEXT NOT NULL,
		opened_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk, epoch))`,
	`CREATE TABLE IF NOT EXISTS entry (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		hash BYTEA NOT NULL,
		kind BIGINT NOT NULL,
		volunteer TEXT NOT NULL,
		parts BYTEA NOT NULL,
		raw BYTEA NOT NULL,
		PRIMARY KEY (kiosk, epoch, seq))`,
	`CREATE TABLE IF NOT EXISTS redemption (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		volunteer TEXT NOT NULL,
		good TEXT NOT NULL,
		quantity BIGINT NOT NULL,
		parts BYTEA NOT NULL,
		state BIGINT NOT NULL,
		PRIMARY KEY (kiosk, epoch, seq))`,
	`CREATE TABLE IF NOT EXISTS shelf (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		good TEXT NOT NULL,
		moved BIGINT NOT NULL,
		sold BIGINT NOT NULL,
		restocked BIGINT NOT NULL,
		held BIGINT NOT NULL,
		PRIMARY KEY (kiosk, epoch, good))`,
	`CREATE TABLE IF NOT EXISTS suspect (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		hash BYTEA NOT NULL,
		raw BYTEA NOT NULL,
		reason TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk, epoch, seq, hash))`,
	`CREATE TABLE IF NOT EXISTS allowance (
		kiosk TEXT NOT NULL,
		id TEXT NOT NULL,
		points BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk, id))`,
	`CREATE TABLE IF NOT EXISTS writeoff (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		proposed_by TEXT NOT NULL,
		confirmed_by TEXT NOT NULL,
		reason TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk, epoch))`,

	// Of one scope; a kiosk's own has the kiosk's name.
	`CREATE TABLE IF NOT EXISTS scope (
		scope TEXT NOT NULL,
		parent TEXT NOT NULL,
		name TEXT NOT NULL,
		version BIGINT NOT NULL,
		PRIMARY KEY (scope))`,
	`CREATE TABLE IF NOT EXISTS document (
		scope TEXT NOT NULL,
		kind TEXT NOT NULL,
		id TEXT NOT NULL,
		version BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope, kind, id))`,

	// Of one hash.
	`CREATE TABLE IF NOT EXISTS card (
		card TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		PRIMARY KEY (card))`,
	`CREATE TABLE IF NOT EXISTS enrolment (
		code TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		state TEXT NOT NULL,
		public_key BYTEA NOT NULL,
		least_epoch BIGINT NOT NULL,
		epoch BIGINT NOT NULL,
		officer TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		ends_ms BIGINT NOT NULL,
		PRIMARY KEY (code))`,

	// The same everywhere.
	`CREATE TABLE IF NOT EXISTS era (
		id BIGINT NOT NULL,
		name TEXT NOT NULL,
		PRIMARY KEY (id))`,

	`CREATE UNIQUE INDEX IF NOT EXISTS document_version ON document (scope, version)`,
	`CREATE INDEX IF NOT EXISTS rights_of_chain ON rights (kiosk, epoch, volunteer)`,
	`CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (sent, made_ms)`,
	`CREATE INDEX IF NOT EXISTS lot_free ON lot (expires) WHERE free > 0`,
	`CREATE INDEX IF NOT EXISTS person_home ON person (home)`,
	`CREATE INDEX IF NOT EXISTS entry_volunteer ON entry (kiosk, volunteer, epoch, seq)`,
	`CREATE INDEX IF NOT EXISTS chain_unfolded ON chain (kiosk, epoch) WHERE folded < signed`,
	`CREATE INDEX IF NOT EXISTS kiosk_unreported ON kiosk (kiosk) WHERE unreported = 1`,
	`CREATE INDEX IF NOT EXISTS enrolment_state ON enrolment (state, made_ms)`,

	// Of one volunteer: the totals that lists of an office have told so far.
	`CREATE TABLE IF NOT EXISTS listed (
		volunteer TEXT NOT NULL,
		points BIGINT NOT NULL,
		minutes BIGINT NOT NULL,
		PRIMARY KEY (volunteer))`,
	// Of one hash: whom lists know by a number, see civic.KeyHash.
	`CREATE TABLE IF NOT EXISTS personkey (
		hash TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		PRIMARY KEY (hash))`,

	// Of one kiosk: what processes of one center tell each other.
	`CREATE TABLE IF NOT EXISTS seat (
		kiosk TEXT NOT NULL,
		process TEXT NOT NULL,
		since_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk))`,
	`CREATE TABLE IF NOT EXISTS recall (
		kiosk TEXT NOT NULL,
		id TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		points BIGINT NOT NULL,
		state TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk, id))`,
	`CREATE INDEX IF NOT EXISTS recall_wanted ON recall (made_ms) WHERE state = 'wanted'`,

	// Of one volunteer: by what an officer looks for somebody. Bytes, because those
	// compare alike in both engines.
	`CREATE TABLE IF NOT EXISTS finder (
		volunteer TEXT NOT NULL,
		number BYTEA NOT NULL,
		name BYTEA NOT NULL,
		tail TEXT NOT NULL,
		PRIMARY KEY (volunteer))`,
	`CREATE INDEX IF NOT EXISTS finder_number ON finder (number)`,
	`CREATE INDEX IF NOT EXISTS finder_name ON finder (name)`,
	`CREATE INDEX IF NOT EXISTS finder_tail ON finder (tail)`,

	// Of one officer.
	`CREATE TABLE IF NOT EXISTS officer (
		officer TEXT NOT NULL,
		role TEXT NOT NULL,
		scope TEXT NOT NULL,
		password TEXT NOT NULL,
		secret BYTEA NOT NULL,
		step BIGINT NOT NULL,
		generation BIGINT NOT NULL,
		disabled BIGINT NOT NULL,
		link TEXT NOT NULL,
		link_secret BYTEA NOT NULL,
		link_ends_ms BIGINT NOT NULL,
		made_by TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (officer))`,

	// Of one hash.
	`CREATE TABLE IF NOT EXISTS welcome (
		link TEXT NOT NULL,
		officer TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (link))`,
	`CREATE TABLE IF NOT EXISTS session (
		session TEXT NOT NULL,
		officer TEXT NOT NULL,
		generation BIGINT NOT NULL,
		browser TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		seen_ms BIGINT NOT NULL,
		PRIMARY KEY (session))`,
	`CREATE TABLE IF NOT EXISTS attempt (
		attempt TEXT NOT NULL,
		tries BIGINT NOT NULL,
		tried_ms BIGINT NOT NULL,
		PRIMARY KEY (attempt))`,
	`CREATE INDEX IF NOT EXISTS session_officer ON session (officer, seen_ms)`,
	`CREATE INDEX IF NOT EXISTS attempt_time ON attempt (tried_ms)`,

	// Of one place: a kiosk, a scope or an officer. What officers did there.
	`CREATE TABLE IF NOT EXISTS act (
		place TEXT NOT NULL,
		seq BIGINT NOT NULL,
		who TEXT NOT NULL,
		kind TEXT NOT NULL,
		body BYTEA NOT NULL,
		made_ms BIGINT NOT NULL,
		hash BYTEA NOT NULL,
		PRIMARY KEY (place, seq))`,

	`CREATE INDEX IF NOT EXISTS chain_quarantined ON chain (kiosk, epoch) WHERE state = 'quarantined'`,
	`CREATE INDEX IF NOT EXISTS writeoff_waiting ON writeoff (kiosk, epoch) WHERE confirmed_by = ''`,

	// Of one volunteer: what kiosks were granted of a lot and no earning is known for,
	// because the book comes from an old copy.
	`CREATE TABLE IF NOT EXISTS missing (
		volunteer TEXT NOT NULL,
		expires BIGINT NOT NULL,
		points BIGINT NOT NULL,
		PRIMARY KEY (volunteer, expires))`,
	// The same everywhere: whose book it is.
	`CREATE TABLE IF NOT EXISTS identity (
		id BIGINT NOT NULL,
		issuer BYTEA NOT NULL,
		pin BYTEA NOT NULL,
		PRIMARY KEY (id))`,
	`CREATE INDEX IF NOT EXISTS document_good ON document (id, scope) WHERE kind = 'good'`,
	`CREATE INDEX IF NOT EXISTS entry_stock ON entry (kiosk, epoch, seq) WHERE kind = 8`,
	`CREATE INDEX IF NOT EXISTS redemption_good ON redemption (kiosk, epoch, good, seq)`,

	// A volunteer can be listed by sound, number, town and home. What is empty here is
	// filled in when the store opens.
	`ALTER TABLE finder ADD COLUMN sound BYTEA NOT NULL DEFAULT ''`,
	`ALTER TABLE finder ADD COLUMN town TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE finder ADD COLUMN home TEXT NOT NULL DEFAULT ''`,
	`CREATE INDEX IF NOT EXISTS finder_all_sound ON finder (sound, volunteer)`,
	`CREATE INDEX IF NOT EXISTS finder_all_number ON finder (number, volunteer)`,
	`CREATE INDEX IF NOT EXISTS finder_town_sound ON finder (town, sound, volunteer)`,
	`CREATE INDEX IF NOT EXISTS finder_town_number ON finder (town, number, volunteer)`,
	`CREATE INDEX IF NOT EXISTS finder_home_sound ON finder (home, sound, volunteer)`,
	`CREATE INDEX IF NOT EXISTS finder_home_number ON finder (home, number, volunteer)`,

	// Of one volunteer: what officers did to what is known of somebody.
	`CREATE TABLE IF NOT EXISTS personact (
		volunteer TEXT NOT NULL,
		seq BIGINT NOT NULL,
		who TEXT NOT NULL,
		kind TEXT NOT NULL,
		body BYTEA NOT NULL,
		made_ms BIGINT NOT NULL,
		hash BYTEA NOT NULL,
		PRIMARY KEY (volunteer, seq))`,
	// Acts of all places, the latest first, whatever is asked for: see Audit.
	`CREATE INDEX IF NOT EXISTS act_made ON act (made_ms, place, seq)`,
	`CREATE INDEX IF NOT EXISTS act_who ON act (who, made_ms, place, seq)`,
	`CREATE INDEX IF NOT EXISTS act_kind ON act (kind, made_ms, place, seq)`,
	`CREATE INDEX IF NOT EXISTS act_who_kind ON act (who, kind, made_ms, place, seq)`,
	`CREATE INDEX IF NOT EXISTS act_place ON act (place, made_ms, seq)`,

	// Of one scope: whom goods come from.
	`CREATE TABLE IF NOT EXISTS merchant (
		scope TEXT NOT NULL,
		id TEXT NOT NULL,
		version BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope, id))`,
	`CREATE INDEX IF NOT EXISTS merchant_id ON merchant (id, scope)`,
	// Of one volunteer: points that were booked wrongly and are taken back, see Reverse.
	`CREATE TABLE IF NOT EXISTS reversal (
		volunteer TEXT NOT NULL,
		id TEXT NOT NULL,
		expires BIGINT NOT NULL,
		asked BIGINT NOT NULL,
		taken BIGINT NOT NULL,
		state TEXT NOT NULL,
		body BYTEA NOT NULL,
		made_ms BIGINT NOT NULL,
		ended_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, id))`,
	`CREATE INDEX IF NOT EXISTS reversal_wanted ON reversal (volunteer) WHERE state = 'wanted'`,
	// Of one job: long work that an officer asked for, and the files that go in and out.
	`CREATE TABLE IF NOT EXISTS job (
		job TEXT NOT NULL,
		kind TEXT NOT NULL,
		who TEXT NOT NULL,
		scope TEXT NOT NULL,
		state TEXT NOT NULL,
		input BYTEA NOT NULL,
		mark BYTEA NOT NULL,
		result BYTEA NOT NULL,
		done BIGINT NOT NULL,
		total BIGINT NOT NULL,
		stop BIGINT NOT NULL,
		tries BIGINT NOT NULL,
		lease TEXT NOT NULL,
		lease_ms BIGINT NOT NULL,
		files BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		ended_ms BIGINT NOT NULL,
		PRIMARY KEY (job))`,
	`CREATE TABLE IF NOT EXISTS jobpart (
		job TEXT NOT NULL,
		file TEXT NOT NULL,
		part BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (job, file, part))`,
	`CREATE INDEX IF NOT EXISTS job_made ON job (made_ms, job)`,
	`CREATE INDEX IF NOT EXISTS job_open ON job (made_ms, job) WHERE ended_ms = 0`,
	`CREATE INDEX IF NOT EXISTS job_files ON job (ended_ms, job) WHERE files = 1`,
	// Of one scope: the versions of its policy.
	`CREATE TABLE IF NOT EXISTS policy (
		scope TEXT NOT NULL,
		version BIGINT NOT NULL,
		state TEXT NOT NULL,
		first_day BIGINT NOT NULL,
		body BYTEA NOT NULL,
		made_by TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		force_by TEXT NOT NULL,
		force_ms BIGINT NOT NULL,
		PRIMARY KEY (scope, version))`,
	`CREATE INDEX IF NOT EXISTS document_station ON document (scope) WHERE kind = 'station'`,
	// Of one kiosk: what the entries of a day come to, see KioskDay. A chain whose
	// entries are not counted yet is caught up by TallyAll.
	`CREATE TABLE IF NOT EXISTS kioskday (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		day BIGINT NOT NULL,
		last BIGINT NOT NULL,
		settled BIGINT NOT NULL,
		spent BIGINT NOT NULL,
		refunded BIGINT NOT NULL,
		back BIGINT NOT NULL,
		people BYTEA NOT NULL,
		goods BYTEA NOT NULL,
		PRIMARY KEY (kiosk, epoch, day))`,
	`CREATE INDEX IF NOT EXISTS kioskday_sum ON kioskday (day, kiosk, spent, back)`,
	`ALTER TABLE chain ADD COLUMN tallied BIGINT NOT NULL DEFAULT 0`,
	`CREATE INDEX IF NOT EXISTS chain_untallied ON chain (kiosk, epoch) WHERE tallied < seq`,

	// Of one volunteer: for whom, when and where an earning counts. One that is not told
	// is not in its town's days yet, see TownDay.
	`ALTER TABLE earning ADD COLUMN town TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE earning ADD COLUMN day BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE earning ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE earning ADD COLUMN told BIGINT NOT NULL DEFAULT 0`,
	`CREATE INDEX IF NOT EXISTS earning_day ON earning (town, day, volunteer, points, minutes)`,
	`CREATE INDEX IF NOT EXISTS earning_untold ON earning (town, day) WHERE told = 0`,

	// Of one scope: what its people earned on a day, in a week or in a month, see TownDay.
	`CREATE TABLE IF NOT EXISTS townday (
		scope TEXT NOT NULL,
		span TEXT NOT NULL,
		day BIGINT NOT NULL,
		earned BIGINT NOT NULL,
		taken BIGINT NOT NULL,
		minutes BIGINT NOT NULL,
		people BIGINT NOT NULL,
		lines BIGINT NOT NULL,
		corrections BIGINT NOT NULL,
		registered BIGINT NOT NULL,
		revision BIGINT NOT NULL,
		PRIMARY KEY (scope, span, day))`,
	`CREATE INDEX IF NOT EXISTS townday_day ON townday (span, day, scope)`,
	// Of one scope: what is known of a place of the org tree.
	`CREATE TABLE IF NOT EXISTS placecard (
		scope TEXT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope))`,

	// Who lives with whom, and which officer is which volunteer: nobody decides for
	// themselves or their household.
	`ALTER TABLE person ADD COLUMN household TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE officer ADD COLUMN volunteer TEXT NOT NULL DEFAULT ''`,
	// Of one place: what one officer asked for there and another one decides.
	`CREATE TABLE IF NOT EXISTS asked (
		place TEXT NOT NULL,
		id TEXT NOT NULL,
		kind TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		household TEXT NOT NULL,
		amount BIGINT NOT NULL,
		body BYTEA NOT NULL,
		reason TEXT NOT NULL,
		evidence TEXT NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		state TEXT NOT NULL,
		second TEXT NOT NULL,
		answer TEXT NOT NULL,
		ended_ms BIGINT NOT NULL,
		done_ms BIGINT NOT NULL,
		PRIMARY KEY (place, id))`,
	`CREATE INDEX IF NOT EXISTS asked_waiting ON asked (made_ms, place, id) WHERE state = 'waiting'`,
	`CREATE INDEX IF NOT EXISTS asked_undone ON asked (ended_ms, place, id) WHERE state = 'confirmed' AND done_ms = 0`,
	`CREATE INDEX IF NOT EXISTS asked_ended ON asked (ended_ms, place, id) WHERE ended_ms > 0`,
	`CREATE INDEX IF NOT EXISTS asked_who ON asked (who, made_ms, place, id)`,
	`CREATE INDEX IF NOT EXISTS asked_volunteer ON asked (volunteer, kind, made_ms)`,
	// Of one volunteer: hours that officers entered afterwards. They earn no points.
	`CREATE TABLE IF NOT EXISTS honour (
		volunteer TEXT NOT NULL,
		id TEXT NOT NULL,
		day BIGINT NOT NULL,
		first_minute BIGINT NOT NULL,
		last_minute BIGINT NOT NULL,
		what TEXT NOT NULL,
		who TEXT NOT NULL,
		second TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, id))`,
	`CREATE INDEX IF NOT EXISTS honour_made ON honour (made_ms, volunteer, id)`,
	// Of one volunteer: kiosks that were home, from which points are called back.
	`CREATE TABLE IF NOT EXISTS formerhome (
		volunteer TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		left_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, kiosk))`,
	`CREATE INDEX IF NOT EXISTS formerhome_kiosk ON formerhome (kiosk, volunteer)`,
	// A redemption with when it was, its code and what became of its slip, to be listed
	// by that. What an older program left at -1 is filled in when the store opens.
	`ALTER TABLE redemption ADD COLUMN wall_ms BIGINT NOT NULL DEFAULT -1`,
	`ALTER TABLE redemption ADD COLUMN quality BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE redemption ADD COLUMN claim BIGINT NOT NULL DEFAULT -1`,
	`ALTER TABLE redemption ADD COLUMN paper BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE redemption ADD COLUMN copies BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE redemption ADD COLUMN voided BIGINT NOT NULL DEFAULT 0`,
	`CREATE INDEX IF NOT EXISTS redemption_wall ON redemption (wall_ms, kiosk, epoch, seq)`,
	`CREATE INDEX IF NOT EXISTS redemption_kiosk_wall ON redemption (kiosk, wall_ms, epoch, seq)`,
	`CREATE INDEX IF NOT EXISTS redemption_state ON redemption (state, wall_ms, kiosk, epoch, seq) WHERE state <> 2`,
	`CREATE INDEX IF NOT EXISTS redemption_kiosk_state ON redemption (kiosk, state, wall_ms, epoch, seq) WHERE state <> 2`,
	`CREATE INDEX IF NOT EXISTS redemption_doubt ON redemption (wall_ms, kiosk, epoch, seq) WHERE paper = 4`,
	`CREATE INDEX IF NOT EXISTS redemption_claim ON redemption (claim, wall_ms, kiosk, epoch, seq)`,
	`CREATE INDEX IF NOT EXISTS redemption_volunteer ON redemption (volunteer, wall_ms, kiosk, epoch, seq)`,

	// A session can be locked; what was typed in forms that came too late is kept for a
	// while, of one officer.
	`ALTER TABLE session ADD COLUMN locked BIGINT NOT NULL DEFAULT 0`,
	`CREATE TABLE IF NOT EXISTS kept (
		officer TEXT NOT NULL,
		id TEXT NOT NULL,
		body BYTEA NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (officer, id))`,
	`CREATE INDEX IF NOT EXISTS kept_made ON kept (made_ms)`,
	// Of one kiosk: what was sent there, and the batches that came of it.
	`CREATE TABLE IF NOT EXISTS delivery (
		kiosk TEXT NOT NULL,
		id TEXT NOT NULL,
		state TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (kiosk, id))`,
	`CREATE TABLE IF NOT EXISTS batch (
		kiosk TEXT NOT NULL,
		delivery TEXT NOT NULL,
		line BIGINT NOT NULL,
		good TEXT NOT NULL,
		batch TEXT NOT NULL,
		best BIGINT NOT NULL,
		pieces BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (kiosk, delivery, line))`,
	`CREATE INDEX IF NOT EXISTS delivery_made ON delivery (made_ms, kiosk, id)`,
	`CREATE INDEX IF NOT EXISTS delivery_state ON delivery (state, made_ms, kiosk, id)`,
	`CREATE INDEX IF NOT EXISTS delivery_kiosk ON delivery (kiosk, made_ms, id)`,
	`CREATE INDEX IF NOT EXISTS batch_best ON batch (best, kiosk, delivery, line)`,
	`CREATE INDEX IF NOT EXISTS document_staff ON document (scope) WHERE kind = 'staff'`,

	// Which entries handed a redemption over and refunded it, and its points: a settlement
	// adds them up between two entries. -1 is filled in when the store opens.
	`ALTER TABLE redemption ADD COLUMN settled BIGINT NOT NULL DEFAULT -1`,
	`ALTER TABLE redemption ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE redemption ADD COLUMN points BIGINT NOT NULL DEFAULT 0`,
	`CREATE INDEX IF NOT EXISTS redemption_unfilled ON redemption (kiosk, epoch) WHERE settled = -1`,
	`CREATE INDEX IF NOT EXISTS redemption_settled ON redemption (kiosk, epoch, settled) WHERE settled > 0`,
	`CREATE INDEX IF NOT EXISTS redemption_refunded ON redemption (kiosk, epoch, refunded) WHERE refunded > 0`,
	// Of one scope: what merchants of it are paid for.
	`CREATE TABLE IF NOT EXISTS sheet (
		scope TEXT NOT NULL,
		merchant TEXT NOT NULL,
		n BIGINT NOT NULL,
		state TEXT NOT NULL,
		from_day BIGINT NOT NULL,
		to_day BIGINT NOT NULL,
		pieces BIGINT NOT NULL,
		points BIGINT NOT NULL,
		fen BIGINT NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope, merchant, n))`,
	// Of one volunteer: into which record this one was merged, and which ones this one
	// has taken in; and to whom a reversal passes on what it takes.
	`CREATE TABLE IF NOT EXISTS merged (
		volunteer TEXT NOT NULL,
		other TEXT NOT NULL,
		turn BIGINT NOT NULL,
		body BYTEA NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer))`,
	`CREATE TABLE IF NOT EXISTS absorbed (
		volunteer TEXT NOT NULL,
		other TEXT NOT NULL,
		turn BIGINT NOT NULL,
		PRIMARY KEY (volunteer, other))`,
	`ALTER TABLE reversal ADD COLUMN heir TEXT NOT NULL DEFAULT ''`,

	// Of one scope: what goods cost from a day on.
	`CREATE TABLE IF NOT EXISTS price (
		scope TEXT NOT NULL,
		good TEXT NOT NULL,
		day BIGINT NOT NULL,
		points BIGINT NOT NULL,
		done BIGINT NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (scope, good, day))`,
	`CREATE INDEX IF NOT EXISTS price_coming ON price (day, scope, good) WHERE done = 0`,
	// Of one scope: reports that were signed off, see SignedReport.
	`CREATE TABLE IF NOT EXISTS report (
		scope TEXT NOT NULL,
		span TEXT NOT NULL,
		day BIGINT NOT NULL,
		signed_by TEXT NOT NULL,
		signed_ms BIGINT NOT NULL,
		body BYTEA NOT NULL,
		hash BYTEA NOT NULL,
		PRIMARY KEY (scope, span, day))`,
	`CREATE INDEX IF NOT EXISTS honour_day ON honour (day, volunteer)`,
	// What the national system asks of a person, and the numbers that only the center's
	// keys open.
	`ALTER TABLE person ADD COLUMN profile BYTEA NOT NULL DEFAULT ''`,
	`ALTER TABLE person ADD COLUMN sealed BYTEA NOT NULL DEFAULT ''`,
	// Of one volunteer: what an import found and what it made of it, so that it can be undone.
	`CREATE TABLE IF NOT EXISTS imported (
		volunteer TEXT NOT NULL,
		job TEXT NOT NULL,
		state TEXT NOT NULL,
		earning TEXT NOT NULL,
		body BYTEA NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, job))`,
	`CREATE INDEX IF NOT EXISTS imported_job ON imported (job, volunteer)`,
	`CREATE INDEX IF NOT EXISTS imported_made ON imported (made_ms)`,

	// Of one passkey, by the hash of its id.
	`CREATE TABLE IF NOT EXISTS passkey (
		passkey TEXT NOT NULL,
		officer TEXT NOT NULL,
		generation BIGINT NOT NULL,
		id BYTEA NOT NULL,
		name TEXT NOT NULL,
		rp TEXT NOT NULL,
		public_key BYTEA NOT NULL,
		counter BIGINT NOT NULL,
		challenge_ms BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		used_ms BIGINT NOT NULL,
		PRIMARY KEY (passkey))`,
	`CREATE INDEX IF NOT EXISTS passkey_officer ON passkey (officer, made_ms, passkey)`,

	// Of one scope: how many people live there, by year.
	`CREATE TABLE IF NOT EXISTS residents (
		scope TEXT NOT NULL,
		year BIGINT NOT NULL,
		count BIGINT NOT NULL,
		source TEXT NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (scope, year))`,
	// The lots behind the sums of the books, the earliest to end first.
	`CREATE INDEX IF NOT EXISTS lot_all ON lot (expires, volunteer)`,
	`CREATE INDEX IF NOT EXISTS lot_kept ON lot (expires, volunteer) WHERE free > 0`,
	`CREATE INDEX IF NOT EXISTS lot_ended ON lot (expires, volunteer) WHERE expired > 0`,

	// Acts done to volunteers, the latest first, whatever is asked for: see AuditPeople.
	`CREATE INDEX IF NOT EXISTS personact_made ON personact (made_ms, volunteer, seq)`,
	`CREATE INDEX IF NOT EXISTS personact_who ON personact (who, made_ms, volunteer, seq)`,
	`CREATE INDEX IF NOT EXISTS personact_kind ON personact (kind, made_ms, volunteer, seq)`,
	`CREATE INDEX IF NOT EXISTS personact_who_kind ON personact (who, kind, made_ms, volunteer, seq)`,

	// Of one scope: activities, the times of them, and who has claimed a post of one.
	// tell_ms is when the kiosks' document has to be written next, 0: never any more.
	`CREATE TABLE IF NOT EXISTS activity (
		scope TEXT NOT NULL,
		id TEXT NOT NULL,
		version BIGINT NOT NULL,
		state TEXT NOT NULL,
		first_day BIGINT NOT NULL,
		last_day BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope, id))`,
	`CREATE INDEX IF NOT EXISTS activity_id ON activity (id)`,
	`CREATE INDEX IF NOT EXISTS activity_last ON activity (last_day, scope, id)`,
	`CREATE INDEX IF NOT EXISTS activity_scope ON activity (scope, last_day, id)`,
	`CREATE TABLE IF NOT EXISTS shift (
		scope TEXT NOT NULL,
		id TEXT NOT NULL,
		activity TEXT NOT NULL,
		start_s BIGINT NOT NULL,
		closed BIGINT NOT NULL,
		taken BIGINT NOT NULL,
		waiting BIGINT NOT NULL,
		told_ms BIGINT NOT NULL,
		tell_ms BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope, id))`,
	`CREATE INDEX IF NOT EXISTS shift_id ON shift (id)`,
	`CREATE INDEX IF NOT EXISTS shift_start ON shift (start_s, scope, id)`,
	`CREATE INDEX IF NOT EXISTS shift_scope ON shift (scope, start_s, id)`,
	`CREATE INDEX IF NOT EXISTS shift_activity ON shift (scope, activity, start_s, id)`,
	`CREATE INDEX IF NOT EXISTS shift_tell ON shift (tell_ms, scope, id) WHERE tell_ms > 0`,
	`CREATE TABLE IF NOT EXISTS enlisted (
		scope TEXT NOT NULL,
		shift TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		post BIGINT NOT NULL,
		state TEXT NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		PRIMARY KEY (scope, shift, volunteer))`,
	`CREATE INDEX IF NOT EXISTS enlisted_volunteer ON enlisted (volunteer, made_ms, shift)`,
	// The last entry of each chain by which somebody claimed a post or gave it up.
	`CREATE TABLE IF NOT EXISTS enlistheard (
		scope TEXT NOT NULL,
		shift TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		PRIMARY KEY (scope, shift, volunteer, kiosk, epoch))`,
	// Of one volunteer: stars that were reached, see Star; and certificates of service.
	`CREATE TABLE IF NOT EXISTS star (
		volunteer TEXT NOT NULL,
		stars BIGINT NOT NULL,
		state TEXT NOT NULL,
		minutes BIGINT NOT NULL,
		town TEXT NOT NULL,
		found_ms BIGINT NOT NULL,
		last_day BIGINT NOT NULL,
		who TEXT NOT NULL,
		why TEXT NOT NULL,
		ended_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, stars))`,
	`CREATE INDEX IF NOT EXISTS star_state ON star (state, found_ms, volunteer, stars)`,
	`CREATE INDEX IF NOT EXISTS star_due ON star (last_day, volunteer, stars) WHERE state = 'announced'`,
	`CREATE TABLE IF NOT EXISTS certificate (
		volunteer TEXT NOT NULL,
		number TEXT NOT NULL,
		body BYTEA NOT NULL,
		who TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		revoked_ms BIGINT NOT NULL,
		revoked_by TEXT NOT NULL,
		why TEXT NOT NULL,
		PRIMARY KEY (volunteer, number))`,
	`CREATE INDEX IF NOT EXISTS certificate_number ON certificate (number)`,

	// Of one kiosk: what its days that are over come to in a month, which begins on the
	// day; see SumMonths.
	`CREATE TABLE IF NOT EXISTS kioskmonth (
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		day BIGINT NOT NULL,
		last BIGINT NOT NULL,
		settled BIGINT NOT NULL,
		spent BIGINT NOT NULL,
		refunded BIGINT NOT NULL,
		back BIGINT NOT NULL,
		people BYTEA NOT NULL,
		goods BYTEA NOT NULL,
		PRIMARY KEY (kiosk, epoch, day))`,
	`CREATE INDEX IF NOT EXISTS kioskmonth_day ON kioskmonth (day, kiosk)`,
	`ALTER TABLE kioskday ADD COLUMN summed BIGINT NOT NULL DEFAULT 0`,
	// What weeks and days come to without reading people and goods.
	`CREATE INDEX IF NOT EXISTS kioskday_figures ON kioskday (day, kiosk, settled, spent, refunded, back)`,
	`CREATE INDEX IF NOT EXISTS kioskday_unsummed ON kioskday (kiosk, epoch, day) WHERE summed = 0`,
	// Of one volunteer, or of somebody without a name: who was at which shift. phone is the
	// device that checked in, guest is 1 for somebody without a name, told is 1 while kiosks
	// have a document of it, due while somebody's verdict is not carried out.
	`CREATE TABLE IF NOT EXISTS attendance (
		volunteer TEXT NOT NULL,
		shift TEXT NOT NULL,
		scope TEXT NOT NULL,
		day BIGINT NOT NULL,
		start_s BIGINT NOT NULL,
		end_s BIGINT NOT NULL,
		in_ms BIGINT NOT NULL,
		out_ms BIGINT NOT NULL,
		how_in TEXT NOT NULL,
		how_out TEXT NOT NULL,
		phone TEXT NOT NULL,
		guest BIGINT NOT NULL,
		state TEXT NOT NULL,
		credit BIGINT NOT NULL,
		points BIGINT NOT NULL,
		version BIGINT NOT NULL,
		told BIGINT NOT NULL,
		due BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (volunteer, shift))`,
	`CREATE INDEX IF NOT EXISTS attendance_day ON attendance (volunteer, day)`,
	`CREATE INDEX IF NOT EXISTS attendance_shift ON attendance (shift, volunteer)`,
	`CREATE INDEX IF NOT EXISTS attendance_count ON attendance (shift, state, how_in)`,
	`CREATE INDEX IF NOT EXISTS attendance_state ON attendance (state, day, shift, volunteer)`,
	`CREATE INDEX IF NOT EXISTS attendance_open ON attendance (end_s) WHERE state = 'open'`,
	`CREATE INDEX IF NOT EXISTS attendance_phone ON attendance (phone, day, volunteer) WHERE phone <> ''`,
	`CREATE INDEX IF NOT EXISTS attendance_guest ON attendance (day, shift, volunteer) WHERE guest = 1`,
	`CREATE INDEX IF NOT EXISTS attendance_due ON attendance (volunteer) WHERE due = 1`,
	`CREATE INDEX IF NOT EXISTS attendance_told ON attendance (day) WHERE told = 1`,
	// Of one volunteer: what the volunteer says is wrong.
	`CREATE TABLE IF NOT EXISTS objection (
		volunteer TEXT NOT NULL,
		id TEXT NOT NULL,
		shift TEXT NOT NULL,
		scope TEXT NOT NULL,
		state TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		ended_ms BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (volunteer, id))`,
	`CREATE INDEX IF NOT EXISTS objection_state ON objection (state, made_ms, volunteer, id)`,
	// Of one volunteer: the PIN that was set at a kiosk.
	`CREATE TABLE IF NOT EXISTS pin (
		volunteer TEXT NOT NULL,
		verifier TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		wall_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer))`,
	// Of one scope: what somebody ought to look at.
	`CREATE TABLE IF NOT EXISTS sign (
		scope TEXT NOT NULL,
		id TEXT NOT NULL,
		word TEXT NOT NULL,
		shift TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		state TEXT NOT NULL,
		made_ms BIGINT NOT NULL,
		ended_ms BIGINT NOT NULL,
		body BYTEA NOT NULL,
		PRIMARY KEY (scope, id))`,
	`CREATE INDEX IF NOT EXISTS sign_state ON sign (state, made_ms, scope, id)`,
	`CREATE INDEX IF NOT EXISTS sign_shift ON sign (shift, state)`,

	// Of one volunteer: what was asked by phone to be put aside at a kiosk, see Wish.
	`CREATE TABLE IF NOT EXISTS wish (
		volunteer TEXT NOT NULL,
		id TEXT NOT NULL,
		kiosk TEXT NOT NULL,
		good TEXT NOT NULL,
		quantity BIGINT NOT NULL,
		price BIGINT NOT NULL,
		phone TEXT NOT NULL,
		state TEXT NOT NULL,
		why TEXT NOT NULL,
		leave TEXT NOT NULL,
		tries BIGINT NOT NULL,
		epoch BIGINT NOT NULL,
		seq BIGINT NOT NULL,
		claim BIGINT NOT NULL,
		until BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		ends_ms BIGINT NOT NULL,
		work BIGINT NOT NULL,
		touched_ms BIGINT NOT NULL,
		PRIMARY KEY (volunteer, id))`,
	`CREATE INDEX IF NOT EXISTS wish_kiosk ON wish (kiosk, made_ms, volunteer, id) WHERE work = 1`,
	`CREATE INDEX IF NOT EXISTS wish_fresh ON wish (touched_ms) WHERE work = 1`,
	`CREATE INDEX IF NOT EXISTS wish_late ON wish (until) WHERE state = 'kept' AND work = 0`,
	// Of one phone on which a volunteer is signed in.
	`CREATE TABLE IF NOT EXISTS phone (
		phone TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		device TEXT NOT NULL,
		how TEXT NOT NULL,
		browser TEXT NOT NULL,
		secret BYTEA NOT NULL,
		former BYTEA NOT NULL,
		turned_ms BIGINT NOT NULL,
		made_ms BIGINT NOT NULL,
		seen_ms BIGINT NOT NULL,
		PRIMARY KEY (phone))`,
	`CREATE INDEX IF NOT EXISTS phone_volunteer ON phone (volunteer, seen_ms)`,
	`CREATE INDEX IF NOT EXISTS phone_seen ON phone (seen_ms)`,
	// Of one ticket for a phone's first sign-in, by its random number.
	`CREATE TABLE IF NOT EXISTS ticket (
		ticket TEXT NOT NULL,
		volunteer TEXT NOT NULL,
		draw TEXT NOT NULL,
		used_ms BIGINT NOT NULL,
		PRIMARY KEY (ticket))`,
	`CREATE INDEX IF NOT EXISTS ticket_used ON ticket (used_ms)`,
	// What the console's rooms of hours ask for: days of everybody, and how much waits.
	`CREATE INDEX IF NOT EXISTS attendance_days ON attendance (day, volunteer, shift)`,
	`CREATE INDEX IF NOT EXISTS attendance_pending ON attendance (scope, in_ms, out_ms, day) WHERE state = 'pending'`,
	// The keyed hash of the phone, by which likely duplicates are told; '': none is known.
	`ALTER TABLE finder ADD COLUMN phone TEXT NOT NULL DEFAULT ''`,
	// Of hours that were entered: how many minutes count beside others of the day (below 0:
	// not worked out yet), and the most that a day could have by the rules of then; the record
	// whose they are since the volunteer's was merged into it, or from which they came so.
	`ALTER TABLE honour ADD COLUMN counted BIGINT NOT NULL DEFAULT -1`,
	`ALTER TABLE honour ADD COLUMN most BIGINT NOT NULL DEFAULT 0`,
	`ALTER TABLE honour ADD COLUMN heir TEXT NOT NULL DEFAULT ''`,
	`ALTER TABLE honour ADD COLUMN origin TEXT NOT NULL DEFAULT ''`,
	// Of a claim: the record that made it, when that was merged into the volunteer's.
	`ALTER TABLE enlisted ADD COLUMN origin TEXT NOT NULL DEFAULT ''`,
	`CREATE INDEX IF NOT EXISTS honour_uncounted ON honour (volunteer) WHERE counted < 0`,
}

// Statements about the tables themselves. The table of migrations is the same
// everywhere (a reference table where the database is distributed).
const (
	createMigration = `CREATE TABLE IF NOT EXISTS migration (
		id BIGINT NOT NULL,
		hash BYTEA NOT NULL,
		PRIMARY KEY (id))`
	scatterMigrations = `SELECT id, hash FROM migration ORDER BY id`
	insertMigration   = `INSERT INTO migration (id, hash) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`
)

// migrate runs the statements that this database has not seen, each in a
// transaction of its own. They can be run twice, so two processes may start at
// once, and a crash between a statement and its mark does no harm.
func (s *Store) migrate(ctx context.Context) error {
	if err := s.shape(ctx, createMigration); err != nil {
		return err
	}
	var done int
	err := s.scatter(ctx, "reading the schema", scatterMigrations, nil, func() { done = 0 }, func(rows scanner) error {
		var id int64
		var hash []byte
		if err := rows.Scan(&id, &hash); err != nil {
			return err
		}
		if id != int64(done) {
			return bug("migration %d stands where %d should", id, done)
		}
		if want := sha256.Sum256([]byte(schema[min(done, len(schema)-1)])); done < len(schema) && !bytes.Equal(hash, want[:]) {
			return fmt.Errorf("%w: the database was shaped by another program (statement %d)", ErrState, id)
		}
		done++
		return nil
	})
	if err != nil {
		return err
	}
	if done == 0 && s.shapeEmpty(ctx) == nil {
		return nil
	}
	for i := done; i < len(schema); i++ {
		if err := s.shape(ctx, schema[i]); err != nil {
			return err
		}
		err := s.write(ctx, "marking a change of the tables", int64(i), func(t *txn) error { return t.markShaped(i) })
		if err != nil {
			return err
		}
	}
	return nil
}

// shapeEmpty shapes an empty database with one commit instead of hundreds. When it
// fails, another process is at it or something is there: then each statement is run
// for itself, and says what is wrong.
func (s *Store) shapeEmpty(ctx context.Context) error {
	return s.write(ctx, "shaping an empty database", nil, func(t *txn) error {
		for i, statement := range schema {
			if _, err := t.tx.ExecContext(ctx, statement); err != nil {
				return err
			}
			at := &txn{ctx: ctx, tx: t.tx, shard: int64(i), raised: t.raised}
			if err := at.markShaped(i); err != nil {
				return err
			}
		}
		return nil
	})
}

// markShaped notes that a statement of the schema has been run.
func (t *txn) markShaped(i int) error {
	hash := sha256.Sum256([]byte(schema[i]))
	return t.exec(insertMigration, hash[:])
}

// shape runs one statement of the schema.
func (s *Store) shape(ctx context.Context, statement string) error {
	return s.repeat(ctx, "shaping the tables", func() error {
		_, err := s.db.ExecContext(ctx, statement)
		if err != nil && columnThere(err) {
			return nil // another process, or a run that was broken off before its mark
		}
		return err
	})
}
