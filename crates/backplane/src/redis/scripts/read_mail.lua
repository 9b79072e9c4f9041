-- KEYS: mailbox. ARGV: after, limit. Gives 0 where there is no mailbox, nil where the messages are gone.
local l, t = unpack(redis.call('HMGET', KEYS[1], 'l', 't'))
if not l then
  return 0
end
local after, last = tonumber(ARGV[1]), tonumber(l)
if after > last or after < tonumber(t) then
  return false
end
local mail = {}
for offset = after + 1, math.min(last, after + tonumber(ARGV[2])) do
  mail[#mail + 1] = redis.call('HGET', KEYS[1], offset)
end
return mail
