package widget

import (
	"strings"
	"testing"
)

func TestAMessageIsShownAtOnceStoredAndRead(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	s.until("the unread line stands", "$('.pl-unread')?.textContent === '2 new messages'")
	s.writes("I will bring cash.")
	s.enter()
	s.until("it is stored", "log().includes('I will bring cash.') && $$('.pl-meta').at(-1).textContent.endsWith('Sent')")
	if s.ask("!!$('.pl-unread')") != false {
		t.Error("the unread line stays although one has written")
	}
	s.order("bike", "read", "as", "u-mira")
	s.until("it is read", "$$('.pl-meta').at(-1).textContent.endsWith('Read')")
	s.order("bike", "typing", "as", "u-mira")
	s.until("typing is shown", "$('.pl-typing')")
	s.isClean("conversation")
}

func TestWhatIsWrittenInsideTextStaysText(t *testing.T) {
	s := openSite(t)
	s.order("market", "seed", "kind", "market")
	s.open("as=mira&conversation=market")
	s.until("the log is there", "log().includes('<script>alert(2)</script>')")
	links := s.ask("$$('.pl-bubble a').map((a) => [a.href, a.rel, a.target])")
	want := "[[https://en.wikipedia.org/wiki/Planga_(disambiguation) noopener nofollow ugc _blank] [https://www.example.com/a?b=c&d noopener nofollow ugc _blank]]"
	if got := strings.TrimSpace(toText(links)); got != want {
		t.Errorf("got links %s, want %s", got, want)
	}
	if got := s.ask("$$('.pl-bubble.is-gone').map((e) => e.textContent)"); toText(got) != "[Hidden by a moderator]" {
		t.Errorf("a hidden message shows as %v", got)
	}
}

func TestEarlierMessagesComeInAboveWithoutMovingWhatOneReads(t *testing.T) {
	s := openSite(t)
	s.order("long", "seed", "kind", "long")
	s.open("as=jonas&conversation=long")
	s.until("the log is there", "$$('.pl-msg').length === 50")
	s.ask("$('.pl-log').scrollTop = 150")
	mark := "(() => { const top = $('.pl-log').getBoundingClientRect().top; const m = $$('.pl-msg').find((e) => e.getBoundingClientRect().bottom > top); return [m.dataset.key, Math.round(m.getBoundingClientRect().top)] })()"
	before := s.ask(mark)
	s.until("the page before is there", "$$('.pl-msg').length === 100")
	if after := s.ask(mark); toText(after) != toText(before) {
		t.Errorf("first in sight was %v, is %v", before, after)
	}
	s.order("long", "post", "as", "u-mira", "body", "news")
	s.until("the pill says so", "$('.pl-jump')?.textContent === '1 new message'")
	s.ask("$('.pl-jump').click()")
	s.until("the end is in sight", "!$('.pl-jump') && log().includes('news')")
}

func TestALostConnectionLosesNothing(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	s.until("it is open", "$('.pl-msg')")
	s.order("bike", "refuse", "to", "true")
	s.order("bike", "drop")
	s.order("bike", "post", "as", "u-mira", "body", "Said meanwhile")
	s.writes("Written meanwhile")
	s.enter()
	s.until("the visitor is told", "$('.pl-banner')?.textContent.includes('You can go on writing') && $('.pl-unsent')?.textContent.includes('Not sent yet')")
	s.order("bike", "refuse", "to", "false")
	s.ask("$('.pl-unsent button').click()")
	s.until("both are there", "log().includes('Said meanwhile') && !$('.pl-unsent')")
	if got := s.ask("log().split('Written meanwhile').length - 1"); got != 1.0 {
		t.Errorf("the message stands there %v times, want once", got)
	}
	if got := s.ask("Object.keys(localStorage).length"); got != 0.0 {
		t.Errorf("%v entries are left in the browser's storage", got)
	}
}

func TestARefusedMessageCanBeEdited(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	s.until("it is open", "$('.pl-msg')")
	s.writes("see forbidden.example")
	s.enter()
	s.until("the reason is shown", "$('.pl-unsent.is-bad')?.textContent.includes('not allowed here')")
	s.ask("$('.pl-unsent.is-bad button').click()")
	s.until("the text is back in the field", "$('textarea').value === 'see forbidden.example' && !$('.pl-unsent')")
}

func TestReactionsAreShownAndToggled(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	pills := "$$('.pl-react').map((e) => e.textContent + e.ariaPressed).join()"
	s.until("they are there, one's own tinted", pills+" === '👍2true,❤️1false'")
	s.isClean("reactions")
	s.ask("$('.pl-react').click()")
	s.until("one's own is taken back", pills+".split(',').toSorted().join() === '❤️1false,👍1false'")
	s.ask("$$('.pl-msg').at(-1).focus()")
	s.enter()
	s.until("the menu is open", "root.activeElement?.textContent === 'Copy text'")
	s.arrowUp()
	s.until("the reactions are before it", "root.activeElement?.textContent === '😢'")
	s.enter()
	s.until("it stands below the message", "!$('.pl-menu') && $$('.pl-msg').at(-1).querySelector('.pl-react')?.ariaLabel === '😢 1, you'")
}

func TestOnesOwnMessageIsDeletedAfterAskingAgain(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	s.until("it is open", "$('.pl-msg')")
	s.ask("$$('.pl-msg').at(-1).focus()")
	s.enter()
	s.until("the menu is open", "root.activeElement?.textContent === 'Copy text'")
	s.arrowDown()
	s.arrowDown()
	s.arrowDown()
	s.enter()
	s.until("it is asked", "$('.is-choice')?.textContent === 'Delete it for everybody'")
	s.isClean("deleting")
	s.arrowDown()
	s.enter()
	s.until("it is gone", "!$('.pl-menu') && $$('.pl-msg').at(-1).textContent.includes('You deleted this message')")
	s.ask("$$('.pl-group:not(.is-self) .pl-msg').at(-1).focus()")
	s.enter()
	s.until("the menu of another's message is open", "root.activeElement?.textContent === 'Copy text'")
	if got := s.ask("$('.pl-menu').textContent.includes('Delete')"); got != false {
		t.Error("another's message can be deleted")
	}
}

func TestTheLastOwnMessageIsEditedFromAnEmptyField(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	s.until("it is open", "$('.pl-msg')")
	s.ask("$('textarea').focus()")
	s.arrowUp()
	s.until("its text is in the field", "$('textarea').value === 'Perfect, gate B at ten.' && $('.pl-context b')?.textContent === 'Edit your message'")
	s.isClean("editing")
	s.escape()
	s.until("Escape leaves it", "$('textarea').value === '' && !$('.pl-context')")
	s.arrowUp()
	s.until("its text is in the field", "$('textarea').value !== ''")
	s.writes(" See forbidden.example")
	s.enter()
	s.until("the refusal is said", "$('.pl-hint')?.textContent === 'Links to that site are not allowed here.'")
	s.escape()
	s.arrowUp()
	s.until("its text is in the field", "$('textarea').value === 'Perfect, gate B at ten.' && !$('.pl-hint')")
	s.writes(" Or half past.")
	s.enter()
	s.until("it is changed", "!$('.pl-context') && $('textarea').value === '' && $$('.pl-bubble').at(-1).textContent === 'Perfect, gate B at ten. Or half past. edited'")
}

func TestAReplyQuotesWhatItAnswers(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas")
	s.until("it is open", "$('.pl-msg')")
	s.ask("$$('.pl-group:not(.is-self) .pl-msg').at(0).focus()")
	s.enter()
	s.until("the menu is open", "root.activeElement?.textContent === 'Copy text'")
	s.arrowDown()
	s.enter()
	s.until("the strip names it", "$('.pl-context')?.textContent === 'Reply to MiraHi Jonas, yes, it is.' && root.activeElement === $('textarea')")
	s.writes("Good.")
	s.enter()
	s.until("the quote is above it", "!$('.pl-context') && $$('.pl-bubble').at(-1).textContent === 'Mira OkaforHi Jonas, yes, it is.Good.'")
	s.until("it is stored", "$$('.pl-meta').at(-1).textContent.endsWith('Sent')")
	s.isClean("reply")
	s.ask("$('.pl-quote').click()")
	s.until("it leads there", "root.activeElement?.querySelector('.pl-bubble')?.textContent === 'Hi Jonas, yes, it is.'")
}

func TestAQuoteThatIsNotLoadedIsFetched(t *testing.T) {
	s := openSite(t)
	s.order("long", "seed", "kind", "long")
	s.order("long", "post", "as", "u-mira", "body", "As you said", "reply_to", "m1")
	s.open("as=jonas&conversation=long")
	s.until("the quote is there", "$('.pl-quote b')?.textContent && $('.pl-quote span').textContent.length > 1")
}

func TestAModeratorHidesAndPausesByKeyboard(t *testing.T) {
	s := openSite(t)
	s.order("market", "seed", "kind", "market")
	s.open("as=sana&role=moderator&conversation=market")
	s.until("the log is there", "$$('.pl-msg').length === 5")
	s.ask("$$('.pl-msg').at(-1).focus()")
	s.arrowUp()
	s.arrowUp()
	s.until("Tom's message has the focus", "root.activeElement?.textContent.includes('Fine.')")
	s.enter()
	s.until("the menu is open", "root.activeElement?.textContent === 'Copy text'")
	s.isClean("menu")
	s.escape()
	s.until("it closes and gives the focus back", "!$('.pl-menu') && root.activeElement?.textContent.includes('Fine.')")
	s.enter()
	s.arrowDown()
	s.arrowDown()
	s.arrowDown()
	s.enter()
	s.until("it is hidden", "$$('.pl-note').length === 2 && !$('.pl-menu')")
	s.enter()
	s.arrowDown()
	s.arrowDown()
	s.arrowDown()
	s.enter()
	s.arrowDown()
	s.enter()
	s.until("the pause is stored", "!$('.pl-menu')")
	s.open("as=tom&conversation=market")
	s.until("Tom is told until when", "$('.pl-closed')?.textContent.startsWith('You can write again at')")
}

// The browser may have kept the script of a server that was replaced; the part it asks for is then gone.
func TestAnOlderScriptGoesOnWithoutItsMenu(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.order("bike", "renew")
	s.open("as=jonas")
	s.until("the log is there", "$('.pl-msg')")
	s.ask("$$('.pl-msg').at(-1).focus()")
	s.enter()
	s.until("the visitor is told", "$('.pl-banner')?.textContent.startsWith('The menu could not be opened')")
	s.isClean("without menu")
	s.writes("It still works.")
	s.enter()
	s.until("it is stored", "log().includes('It still works.') && $$('.pl-meta').at(-1).textContent.endsWith('Sent')")
}

func TestThePopupOpensAndClosesByKeyboard(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas&mode=popup")
	s.until("the badge counts", "$('.pl-badge')?.textContent === '2'")
	s.order("bike", "post", "as", "u-mira", "body", "Are you there?")
	s.until("the teaser shows it", "$('.pl-teaser')?.textContent.includes('Are you there?') && $('.pl-badge').textContent === '3'")
	s.isClean("launcher")
	s.ask("$('.pl-launcher').focus()")
	s.enter()
	s.until("the field has the focus and nothing is unread", "root.activeElement === $('textarea') && !$('.pl-badge')")
	s.isClean("popup")
	s.escape()
	s.until("the launcher has the focus", "$('.pl-panel').hidden && root.activeElement === $('.pl-launcher')")
}

func TestThePopupOpensAtTheUnreadLine(t *testing.T) {
	s := openSite(t)
	s.order("long", "seed", "kind", "long", "unread", "20")
	s.open("as=jonas&mode=popup&conversation=long")
	s.until("the badge counts", "$('.pl-badge')")
	s.ask("$('.pl-launcher').click()")
	s.until("the line is in sight and not all is read", `(() => { const box = $('.pl-log').getBoundingClientRect(), line = $('.pl-unread')?.getBoundingClientRect();
		return line && line.top >= box.top && line.bottom < box.top + 120 && $('.pl-jump')?.textContent.includes('new') })()`)
	s.ask("$('.pl-jump').click()")
	s.until("the end is read", "!$('.pl-jump')")
	s.escape()
	s.until("nothing is unread", "$('.pl-panel').hidden && !$('.pl-badge')")
}

func TestAHostileStyleSheetDoesNotReachInside(t *testing.T) {
	s := openSite(t)
	s.order("bike", "seed")
	s.open("as=jonas&hostile=1")
	s.until("it is open", "$('.pl-msg')")
	looks := "(() => { const c = getComputedStyle($('.pl-title')); return [c.textTransform, c.letterSpacing !== '4px', c.color !== 'rgb(255, 0, 0)', getComputedStyle($('.pl')).display, $('.pl-log').scrollHeight > $('.pl-log').clientHeight] })()"
	if got := toText(s.ask(looks)); got != "[none true true flex true]" {
		t.Errorf("the page's styles show inside: %s", got)
	}
}

func TestAPhoneIsFilledAndNothingScrollsSideways(t *testing.T) {
	s := openSite(t)
	s.order("worst", "seed", "kind", "worst")
	s.narrow(390, 760)
	s.open("as=jonas&phone=1&conversation=worst")
	s.until("it is open", "$('.pl-msg')")
	got := s.ask("[document.documentElement.scrollWidth, $('.pl-log').scrollWidth <= $('.pl-log').clientWidth, Math.round($('.pl-send').getBoundingClientRect().width)]")
	if toText(got) != "[390 true 40]" {
		t.Errorf("page width, log without sideways scrolling, send button: got %v, want [390 true 40]", got)
	}
	s.open("as=jonas&mode=popup&conversation=worst")
	s.ask("$('.pl-launcher').click()")
	s.until("the panel fills the screen", "$('.pl-panel').getBoundingClientRect().width === 390 && $('.pl-panel').getBoundingClientRect().height === 760")
}
