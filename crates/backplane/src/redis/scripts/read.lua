-- KEYS: room, log, floor. ARGV: epoch, after, limit. Gives nil where the entries are gone.
local epoch, last, trimmed = unpack(redis.call('HMGET', KEYS[1], 'e', 'o', 'x'))
if not epoch then
  epoch, last = floor_epoch(KEYS[3]), 0
end
local after = tonumber(ARGV[2])
if epoch ~= ARGV[1] or after > tonumber(last) or after < tonumber(trimmed or 0) then
  return false
elseif ARGV[3] == '0' or after == tonumber(last) then
  return {}
end
return redis.call('XRANGE', KEYS[2], whole(after + 1), '+', 'COUNT', ARGV[3])
