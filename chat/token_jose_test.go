package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// needNode skips the test where Node or its packages are missing, unless all outside components are required.
func needNode(t *testing.T, modules string) {
	t.Helper()
	_, node := exec.LookPath("node")
	_, packages := os.Stat(modules)
	switch {
	case node == nil && packages == nil:
	case os.Getenv("PLANGA_TEST_REQUIRE") == "all":
		t.Fatalf("node and its packages are needed: %v", errors.Join(node, packages))
	default:
		t.Skipf("node or its packages are missing: run npm ci beside %s", modules)
	}
}

// The judge is the jose package of npm, under Node: it opens what Go has made, and Go opens what it has made.
func TestAnotherLanguagesLibraryUnderstandsTheSameTokens(t *testing.T) {
	needNode(t, "testdata/jose/node_modules/jose")
	claims := map[string]any{"sub": "8812", "name": "Zoë 👩‍🔧", "exp": testNow.Add(time.Hour).Unix(), "conversation_id": []string{"a", "b"}, "role": "reader"}
	options := map[string]any{"conversation_id": 7, "current_user_id": "8812", "current_user_name": "Zoë & <Ann>", "current_user_role": ""}
	got := judge(t, map[string]any{
		"secret": testKey.Secret, "private": testKey.PrivateKey, "publicID": testKey.PublicID, "now": testNow.Unix(),
		"claims": claims, "options": options, "minted": mint(t, testKey, claims), "sealed": seal(t, testKey, options),
	})
	for name, pair := range map[string][2]any{"claims": {got.Claims, claims}, "options": {got.Options, options}} {
		if diff := cmp.Diff(asJSON(t, pair[1]), asJSON(t, pair[0])); diff != "" {
			t.Errorf("the %s that the judge read (-want +got):\n%s", name, diff)
		}
	}
	app := bikes()
	app.Clients2018 = true
	d := newDirectory(t, app)
	for name, c := range map[string]Credential{
		"signed":  {Token: got.Signed},
		"wrapped": {PublicID: testKey.PublicID, EncryptedOptions: got.Wrapped},
		"direct":  {PublicID: testKey.PublicID, EncryptedOptions: got.Direct},
	} {
		i, err := d.Authenticate(testNow, c)
		if why, refused := AsRefused(err); refused {
			t.Errorf("%s: %v", name, why)
		} else if i.User.ID != "8812" || i.Role == nil || i.Encrypted == (name == "signed") {
			t.Errorf("%s: got %+v", name, i)
		}
	}
}

// judged is what the judge answers.
type judged struct {
	Claims, Options         map[string]any
	Signed, Wrapped, Direct string
}

func judge(t *testing.T, question any) (answer judged) {
	t.Helper()
	asked, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "judge.mjs")
	node.Dir, node.Stdin = "testdata/jose", bytes.NewReader(asked)
	var complaint bytes.Buffer
	node.Stderr = &complaint
	out, err := node.Output()
	if err != nil {
		t.Fatalf("the judge refuses: %v\n%s", err, &complaint)
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// asJSON gives equal text for equal JSON.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
