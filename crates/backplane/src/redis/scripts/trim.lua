-- Part of other scripts: the cap on a room's log.

-- The tag of the batch that wrote an entry; nil where it is trimmed or never was.
-- x: everything up to here is gone, xt: the tag of the last that went, o: the last.
local function tag_at(log, offset, x, xt, o)
  if offset < x or offset > o then
    return nil
  elseif offset == x then
    return xt
  end
  local entry = redis.call('XRANGE', log, whole(offset), whole(offset))[1]
  return entry and entry[2][2]
end

-- Drops the oldest entries beyond the limits, as far as the snapshot at `covered` stands for them.
local function trim(log, x, xt, n, b, covered, max_n, max_b)
  while x < covered and (n > max_n or b > max_b) do
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', math.min(64, covered - x))
    if #oldest == 0 then
      break
    end
    for _, entry in ipairs(oldest) do
      if n <= max_n and b <= max_b then
        break
      end
      x, n, b, xt = x + 1, n - 1, b - #entry[2][4], entry[2][2]
    end
    redis.call('XTRIM', log, 'MINID', '=', whole(x + 1))
  end
  return x, xt, n, b
end
