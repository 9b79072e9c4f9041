// Signs an access token with golang-jwt: go get github.com/golang-jwt/jwt/v5
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func main() {
	identity, room := os.Args[1], os.Args[2]
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss":    os.Getenv("ANTIPHON_KEY_ID"),
		"sub":    identity,
		"aud":    "antiphon",
		"iat":    time.Now().Unix(),
		"exp":    time.Now().Add(15 * time.Minute).Unix(),
		"name":   identity,
		"grants": map[string]any{"room": room, "join": true},
	})
	signed, err := token.SignedString([]byte(os.Getenv("ANTIPHON_KEY_SECRET")))
	if err != nil {
		panic(err)
	}
	fmt.Println(signed)
}
