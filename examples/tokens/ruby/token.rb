# Signs an access token with ruby-jwt: gem install jwt
require "jwt"

identity, room = ARGV
now = Time.now.to_i
claims = {
  iss: ENV.fetch("ANTIPHON_KEY_ID"),
  sub: identity,
  aud: "antiphon",
  iat: now,
  exp: now + 15 * 60,
  name: identity,
  grants: { room: room, join: true }
}
puts JWT.encode(claims, ENV.fetch("ANTIPHON_KEY_SECRET"), "HS256")
