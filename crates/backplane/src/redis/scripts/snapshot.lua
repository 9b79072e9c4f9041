-- KEYS: room, log. ARGV: epoch, offset, tag, snapshot, most entries, most bytes
local state = redis.call('HMGET', KEYS[1], 'e', 'o', 'x', 'xt', 'n', 'b', 'so')
local covers = tonumber(ARGV[2])
if state[1] ~= ARGV[1] or covers > tonumber(state[2]) or covers <= tonumber(state[7] or 0) then
  return 0
end
local x, xt, n, b = tonumber(state[3] or 0), state[4] or NOTHING, tonumber(state[5]), tonumber(state[6])
if tag_at(KEYS[2], covers, x, xt, tonumber(state[2])) ~= ARGV[3] then
  return 0
end
x, xt, n, b = trim(KEYS[2], x, xt, n, b, covers, tonumber(ARGV[5]), tonumber(ARGV[6]))
redis.call('HSET', KEYS[1], 'so', ARGV[2], 's', ARGV[4], 'x', whole(x), 'xt', xt, 'n', n, 'b', b)
return 1
