-- KEYS: room, log, due, rooms, bans, sessions, outbox, outbox's state, floor, ended, then the mailboxes that change
-- ARGV: see `Append` in log.rs
local FIXED = 10
local room, log, due, rooms, bans, sessions, outbox, outbox_state, floor, ended = unpack(KEYS, 1, FIXED)
local at = 0
local function argument()
  at = at + 1
  return ARGV[at]
end
local function count()
  return tonumber(argument())
end

local epoch, offset, tag, new_tag = argument(), argument(), argument(), argument()
local state = redis.call('HMGET', room, 'e', 'o', 't', 'x', 'xt', 'n', 'b', 'so', 'd')
local e, o, t = state[1], state[2], state[3]
if not e then
  e, o, t = floor_epoch(floor), '0', NOTHING
end
local x, xt, n, b = tonumber(state[4] or 0), state[5] or NOTHING, tonumber(state[6] or 0), tonumber(state[7] or 0)

if epoch ~= e or offset ~= o or tag ~= t then
  local tail = false
  local behind, last = tonumber(offset), tonumber(o)
  if epoch == e and behind < last and tag_at(log, behind, x, xt, last) == tag then
    tail = redis.call('XRANGE', log, whole(behind + 1), '+')
  end
  return {0, e, o, t, tail}
end

local most_entries, most_bytes, most_bans, most_messages, most_message_bytes = count(), count(), count(), count(), count()
local restarts, ends = argument() == '1', argument() == '1'
local deadline, member, name = argument(), argument(), argument()
local mail_prefix, mail_suffix = argument(), argument()
local begins = o == '0'

local function next_epoch()
  local next = whole(math.max(clock(), floor_epoch(floor) + 1, e + 1))
  redis.call('SET', floor, next)
  return next
end
local function close_mailboxes()
  for _, sid in ipairs(redis.call('SMEMBERS', sessions)) do
    redis.call('UNLINK', mail_prefix .. sid .. mail_suffix)
  end
  redis.call('UNLINK', sessions)
end

local covered = tonumber(state[8] or 0)
if restarts then
  close_mailboxes()
  redis.call('UNLINK', log)
  redis.call('HDEL', room, 'so', 's')
  e, o, x, xt, n, b, covered = next_epoch(), '0', 0, NOTHING, 0, 0, 0
end

local last = tonumber(o)
local told, told_bytes = {}, 0
for _ = 1, count() do
  local payload = argument()
  last = last + 1
  n, b = n + 1, b + #payload
  told_bytes = told_bytes + #payload
  told[#told + 1] = struct.pack('>I4', #payload) .. payload
  if not ends then
    redis.call('XADD', log, whole(last) .. '-0', 't', new_tag, 'p', payload)
  end
end

local closed = {}
for nth = 1, count() do
  local mailbox, change, sid, generation = KEYS[FIXED + nth], argument(), argument(), argument()
  if change == 'o' then
    if redis.call('EXISTS', mailbox) == 0 then
      redis.call('HSET', mailbox, 'g', 0, 's', 0, 'l', 0, 't', 0, 'w', 0, 'b', 0, 'v', 0)
      redis.call('SADD', sessions, sid)
    end
  elseif change == 'a' then
    local standing = redis.call('HGET', mailbox, 'g')
    if standing and tonumber(standing) < tonumber(generation) then
      redis.call('HSET', mailbox, 'g', generation)
    end
  else
    redis.call('UNLINK', mailbox)
    redis.call('SREM', sessions, sid)
    closed[#closed + 1] = sid
  end
end

for _ = 1, count() do
  redis.call('ZREM', bans, argument())
end
local banned = count()
if banned > 0 then
  for _ = 1, banned do
    local identity, until_ms = argument(), argument()
    redis.call('ZADD', bans, 'GT', until_ms, identity)
  end
  redis.call('ZREMRANGEBYSCORE', bans, '-inf', whole(math.floor(clock() / 1000)))
  redis.call('ZREMRANGEBYRANK', bans, 0, -most_bans - 1)
  local longest = redis.call('ZRANGE', bans, -1, -1, 'WITHSCORES')[2]
  if longest then
    redis.call('PEXPIREAT', bans, whole(tonumber(longest)))
  end
end

local sent = count()
if sent > 0 then
  local place, messages, bytes, lost = unpack(redis.call('HMGET', outbox_state, 'l', 'n', 'b', 'lost'))
  -- Also the places come from the clock first: what a consumer remembers is behind them though everything was lost.
  place, messages, bytes, lost = tonumber(place or clock()), tonumber(messages or 0), tonumber(bytes or 0), tonumber(lost or 0)
  for _ = 1, sent do
    local payload = argument()
    place, messages, bytes = place + 1, messages + 1, bytes + #payload
    redis.call('XADD', outbox, whole(place) .. '-0', 'p', payload)
  end
  while messages > most_messages or bytes > most_message_bytes do
    local oldest = redis.call('XRANGE', outbox, '-', '+', 'COUNT', 1)[1]
    if not oldest then
      break
    end
    redis.call('XDEL', outbox, oldest[1])
    messages, bytes, lost = messages - 1, bytes - #oldest[2][2], lost + 1
  end
  redis.call('HSET', outbox_state, 'l', whole(place), 'n', messages, 'b', bytes, 'lost', lost)
  redis.call('SPUBLISH', outbox, '')
end

local appended = {1, e, whole(last)}
if ends then
  close_mailboxes()
  redis.call('UNLINK', room, log)
  redis.call('SET', ended, e, 'EX', 3600)
  e = next_epoch()
  last, new_tag, told = 0, NOTHING, {}
  if not begins then
    redis.call('ZREM', rooms, name)
  end
  if state[9] then
    redis.call('ZREM', due, member)
  end
else
  x, xt, n, b = trim(log, x, xt, n, b, covered, most_entries, most_bytes)
  redis.call('HSET', room, 'e', e, 'o', whole(last), 't', new_tag, 'x', whole(x), 'xt', xt, 'n', n, 'b', b)
  if begins then
    redis.call('ZADD', rooms, 0, name)
  end
  if deadline ~= (state[9] or '') then
    if deadline == '' then
      redis.call('ZREM', due, member)
      redis.call('HDEL', room, 'd')
    else
      redis.call('ZADD', due, deadline, member)
      redis.call('HSET', room, 'd', deadline)
    end
  end
end

-- As `Notice` in notice.rs reads it.
local every = ends or restarts or #closed > 1000
local message = 'h' .. struct.pack('>I8I8', tonumber(e), last) .. new_tag .. t .. struct.pack('>I2', every and 65535 or #closed)
if not every then
  message = message .. table.concat(closed)
end
if told_bytes <= 16384 then
  message = message .. table.concat(told)
end
redis.call('SPUBLISH', room, message)
return appended
