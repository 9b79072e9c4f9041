-- KEYS: leases, what replicas say of themselves. Gives of each its id, what it says, and 1 where its lease has lapsed.
local now_ms = math.floor(clock() / 1000)
local replicas = {}
local said = redis.call('HGETALL', KEYS[2])
for nth = 1, #said, 2 do
  local until_ms = tonumber(redis.call('ZSCORE', KEYS[1], said[nth]) or 0)
  replicas[#replicas + 1] = {said[nth], said[nth + 1], until_ms <= now_ms and 1 or 0}
end
return replicas
