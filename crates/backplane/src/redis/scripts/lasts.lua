-- KEYS: mailboxes. Gives the position of each one's last message, -1 where it is closed.
local lasts = {}
for nth, key in ipairs(KEYS) do
  lasts[nth] = tonumber(redis.call('HGET', key, 'l') or -1)
end
return lasts
