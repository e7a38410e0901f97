//go:build ignore

package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// chatToken vouches for a user of your site, for one hour.
func chatToken(userID, name, conversation string) (string, error) {
	secret := os.Getenv("PLANGA_SECRET")
	if secret == "" {
		return "", fmt.Errorf("PLANGA_SECRET is not set")
	}
	header, err := json.Marshal(map[string]any{"alg": "HS256", "typ": "JWT", "kid": "pk_example"})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"sub":             userID,
		"name":            name,
		"conversation_id": conversation,
		"exp":             time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode(header) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil)), nil
}

func main() {
	token, err := chatToken("8812", "Jonas Lindqvist", "bike-4120")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(token)
}
