-- Part of other scripts: numbers, and the epoch in which rooms of this partition begin.

local NOTHING = string.rep('\0', 8)

-- Lua would write large numbers with an exponent.
local function whole(number)
  return string.format('%.0f', number)
end

-- Microseconds since the Unix epoch.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- No room of the partition that holds nothing has seen this epoch. It comes from the clock, so that it grows although
-- everything was lost.
local function floor_epoch(floor)
  local epoch = redis.call('GET', floor)
  if not epoch then
    epoch = whole(clock())
    redis.call('SET', floor, epoch)
  end
  return epoch
end
