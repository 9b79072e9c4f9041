-- KEYS: floor, rooms. Gives epoch, offset and tag of each.
local heads = {}
for nth = 2, #KEYS do
  local epoch, offset, tag = unpack(redis.call('HMGET', KEYS[nth], 'e', 'o', 't'))
  if not epoch then
    epoch, offset, tag = floor_epoch(KEYS[1]), '0', NOTHING
  end
  heads[#heads + 1] = {epoch, offset, tag}
end
return heads
