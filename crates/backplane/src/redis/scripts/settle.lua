-- KEYS: the sender's mailbox. ARGV: generation, seq
local generation, settled = unpack(redis.call('HMGET', KEYS[1], 'g', 's'))
if generation ~= ARGV[1] then
  return 0
end
if tonumber(ARGV[2]) > tonumber(settled) then
  redis.call('HSET', KEYS[1], 's', ARGV[2])
end
return 1
