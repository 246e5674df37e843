package kiosk

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"yizhan/civic"
	"yizhan/printer"
	"yizhan/printer/probe"
)

// probePage is where somebody reads the printer's test page back.
const probePage = "/staff/probe"

// probeData is one step: the page is to be printed, a question about it, or what
// follows from the answers.
type probeData struct {
	Step     string // print, ask, found, problem
	Question string // key of its text
	At, Of   int    // which question it is
	Choices  []probeChoice
	Answers  map[string]string
	Profile  string // found, in words
	Problem  string // key of its text
	Failed   bool   // the page did not come out
}

// probeChoice is one answer and the page that it leads to.
type probeChoice struct{ Key, URL string }

// probe asks the next question about the test page. The answers so far stand in the
// query.
func (o *office) probe(a *ask, _ civic.Staff) error {
	answers := probeAnswers(a)
	data := probeData{Step: "print", Of: len(probe.Questions), Answers: answers, Failed: a.URL.Query().Has("failed")}
	back := printerPage
	if a.URL.Query().Has("out") || len(answers) > 0 {
		o.probeStep(a, &data)
		back = probeURL(withoutLast(answers))
	}
	return o.show(a, page{word: "probe", back: back, data: data})
}

// probeStep finds the first question without an answer, or the result.
func (o *office) probeStep(a *ask, data *probeData) {
	for i, q := range probe.Questions {
		if data.Answers[q.Key] != "" {
			continue
		}
		data.Step, data.Question, data.At = "ask", "probe."+q.Key, i+1
		for _, choice := range q.Choices {
			next := probeValues(data.Answers)
			next.Set(q.Key, choice)
			data.Choices = append(data.Choices, probeChoice{"probe." + q.Key + "." + choice, probePage + "?" + next.Encode()})
		}
		return
	}
	profile, err := probe.Profile(data.Answers)
	if problem, ok := errors.AsType[probe.Problem](err); ok {
		data.Step, data.Problem = "problem", "probe.problem."+string(problem)
		return
	}
	data.Step, data.Profile = "found", profileText(o.texts[o.lang(a)], profile)
}

// probeAnswers reads the answers up to the first that is missing. One that no key
// gives is as good as none.
func probeAnswers(a *ask) map[string]string {
	answers := make(map[string]string)
	for _, q := range probe.Questions {
		choice := a.FormValue(q.Key)
		if !slices.Contains(q.Choices, choice) {
			break
		}
		answers[q.Key] = choice
	}
	return answers
}

// withoutLast takes the last answer back.
func withoutLast(answers map[string]string) map[string]string {
	kept := make(map[string]string)
	for _, q := range probe.Questions[:max(0, len(answers)-1)] {
		kept[q.Key] = answers[q.Key]
	}
	return kept
}

func probeValues(answers map[string]string) url.Values {
	values := url.Values{"out": {"yes"}}
	for key, choice := range answers {
		values.Set(key, choice)
	}
	return values
}

// probeURL is the page after these answers.
func probeURL(answers map[string]string) string {
	if len(answers) == 0 {
		return probePage
	}
	return probePage + "?" + probeValues(answers).Encode()
}

// probePrint prints the page that is read back.
func (o *office) probePrint(a *ask, _ civic.Staff) error {
	ctx, cancel := context.WithTimeout(a.Context(), probePageWait)
	defer cancel()
	if _, err := o.paper.Print(ctx, [][]byte{probe.Page()}); err != nil {
		o.cfg.Log.Warn("page of the printer's abilities not printed", "error", err)
		a.redirect(probePage + "?failed")
		return nil
	}
	a.redirect(probePage + "?out=yes")
	return nil
}

// probeSave remembers what was found, and shows it at once on a test page.
func (o *office) probeSave(a *ask, me civic.Staff) error {
	profile, err := probe.Profile(probeAnswers(a))
	if err != nil {
		return errForm
	}
	if err := o.paper.setProfile(a.Context(), profile); err != nil {
		return err
	}
	o.cfg.Log.Info("printer read back", "profile", profile, "operator", me.ID)
	note := "saved"
	if err := o.paper.test(a.Context()); err != nil {
		o.cfg.Log.Warn("test page not printed", "error", err)
		note = "saved_only"
	}
	a.redirect(printerPage + "?note=" + note)
	return nil
}

// readBack tells whether a person found out what the printer is.
func (p *paper) readBack() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := printer.ParseProfile(p.known.Profile)
	return err == nil
}
