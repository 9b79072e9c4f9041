-- KEYS: letters, their ids. ARGV: id
local place = redis.call('HGET', KEYS[2], 'id:' .. ARGV[1])
return place and redis.call('XRANGE', KEYS[1], place, place) or {}
