-- KEYS: room, log, bans, floor, ended
local epoch, offset, tag, covered, snapshot = unpack(redis.call('HMGET', KEYS[1], 'e', 'o', 't', 'so', 's'))
local tail = {}
if epoch then
  tail = redis.call('XRANGE', KEYS[2], whole((covered or 0) + 1), '+')
else
  epoch, offset, tag = floor_epoch(KEYS[4]), '0', NOTHING
end
local now_ms = math.floor(clock() / 1000)
local bans = redis.call('ZRANGE', KEYS[3], '(' .. whole(now_ms), '+inf', 'BYSCORE', 'WITHSCORES')
return {epoch, offset, tag, covered, snapshot, tail, bans, redis.call('GET', KEYS[5])}
