-- KEYS: room, log, floor. ARGV: epoch, offset, tag, limit. Gives nil where the log does not contain the head, else its own head and
-- what came behind.
local e, o, t, x, xt = unpack(redis.call('HMGET', KEYS[1], 'e', 'o', 't', 'x', 'xt'))
if not e then
  e, o, t = floor_epoch(KEYS[3]), '0', NOTHING
end
local known, last = tonumber(ARGV[2]), tonumber(o)
local contained = known == last and ARGV[3] == t
  or known < last and tag_at(KEYS[2], known, tonumber(x or 0), xt or NOTHING, last) == ARGV[3]
if e ~= ARGV[1] or not contained then
  return false
end
local entries = {}
if known < last and ARGV[4] ~= '0' then
  entries = redis.call('XRANGE', KEYS[2], whole(known + 1), '+', 'COUNT', ARGV[4])
end
return {e, o, t, entries}
