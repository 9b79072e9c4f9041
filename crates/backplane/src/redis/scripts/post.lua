-- KEYS: the sender's mailbox, the recipients' mailboxes
-- ARGV: generation, seq, most messages, most bytes, channel, message, the recipients
local HEADER = 9
local generation, settled = unpack(redis.call('HMGET', KEYS[1], 'g', 's'))
if generation ~= ARGV[1] then
  return {1}
end
local seq = tonumber(ARGV[2])
if seq ~= 0 and seq <= tonumber(settled) then
  return {2}
end
local most_messages, most_bytes, message = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[6]
local size = #message - HEADER

local mailboxes = {}
for nth = 2, #KEYS do
  local l, t, w, b, v = unpack(redis.call('HMGET', KEYS[nth], 'l', 't', 'w', 'b', 'v'))
  if not l then
    return {3, nth - 2}
  end
  local mailbox = {l = tonumber(l), t = tonumber(t), w = tonumber(w), b = tonumber(b), v = tonumber(v)}
  if mailbox.l - mailbox.w >= most_messages or mailbox.b - mailbox.v + size > most_bytes then
    return {4, nth - 2}
  end
  mailboxes[nth] = mailbox
end

local told = {}
for nth = 2, #KEYS do
  local key, box = KEYS[nth], mailboxes[nth]
  while box.t < box.w and (box.l - box.t >= most_messages or box.b + size > most_bytes) do
    box.t = box.t + 1
    local oldest = redis.call('HSTRLEN', key, box.t) - HEADER
    redis.call('HDEL', key, box.t)
    box.b, box.v = box.b - oldest, box.v - oldest
  end
  box.l, box.b = box.l + 1, box.b + size
  redis.call('HSET', key, box.l, message, 'l', box.l, 't', box.t, 'b', box.b, 'v', box.v)
  told[#told + 1] = ARGV[5 + nth] .. struct.pack('>I8', box.l)
end
if seq > tonumber(settled) then
  redis.call('HSET', KEYS[1], 's', seq)
end
-- As `Notice` in notice.rs reads it.
local notice = 'm' .. struct.pack('>I2', #told) .. table.concat(told)
if size <= 16384 then
  notice = notice .. message
end
redis.call('SPUBLISH', ARGV[5], notice)
return {0}
