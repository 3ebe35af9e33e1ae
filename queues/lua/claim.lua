-- The lead leases an agent's slot for a leg.
--
-- KEYS  common.lua (4 is the lead's hash)
-- ARGV  common.lua, then  1 holder  2 token     as the caller believes them
-- Returns  common.lua, and
--          {NOTLEAD, holder, token, deadline}   another holder or token, or the lease ran out

local refused = check()
if refused then return refused end
local h = redis.call('HMGET', KEYS[4], 'holder', 'token', 'deadline')
local holder, token, deadline = h[1] or '', h[2] or '0', h[3] or '0'
if holder ~= ARGV[A_OWN + 1] or token ~= ARGV[A_OWN + 2] or tonumber(deadline) <= now_ms() then
  return {'NOTLEAD', holder, token, deadline}
end
return write()
