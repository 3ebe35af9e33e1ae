-- A leg ends: it is counted, leaves the living, and its contact's personal fields start their last
-- hours. Its hash stays for ended_ttl, so that a late repeat still meets its revision.
--
-- KEYS  common.lua
-- ARGV  common.lua
-- Returns  common.lua, and
--          {FROM, 0, state}        no leg of the change ends: the wrong script was asked

local refused = check()
if refused then return refused end
local ends = ne > 0
for i = 1, nw do
  ends = ends or ARGV[A_WRITE + 9 * (i - 1) + 6] == 'ended'
end
if not ends then return {'FROM', '0', ''} end
return write()
