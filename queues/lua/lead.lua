-- Who dispatches: acquire, renew or resign the lead. A renewal is no change and makes no entry.
--
-- KEYS  1 meta  2 log  3 lead
-- ARGV  1 gen  2 header (JSON of an entry without gen, seq and images)  3 action: keep or resign
--       4 node  5 node as JSON  6 token held by the caller, 0 for none  7 lease (ms)
-- Returns  {OK, rev, holder, token, deadline (ms), now (ms), here}   the lead as it now stands; here 1: the caller's
--          {GEN, gen}   another data set, or none ("")
--
-- token = max(stored + 1, now in ms): higher than any earlier one even after the data was lost. A
-- process that starts (token 0) takes over from its own node at once and so fences a hung forerunner.
-- A deadline further away than a lease was given before this clock was put back, and holds no longer.

local stored = redis.call('HGET', KEYS[1], 'gen')
if stored ~= ARGV[1] then return {'GEN', stored or ''} end
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local h = redis.call('HMGET', KEYS[3], 'rev', 'holder', 'token', 'deadline')
local rev, holder = tonumber(h[1] or '0'), h[2] or ''
local token, deadline = tonumber(h[3] or '0'), tonumber(h[4] or '0')
local node, held, lease = ARGV[4], tonumber(ARGV[6]), tonumber(ARGV[7])
local mine = holder == node and token == held and held > 0
local holder_json = ARGV[5]
local changed = false

if ARGV[3] == 'resign' then
  if mine then
    holder, holder_json, deadline, rev, changed, mine = '', '""', 0, rev + 1, true, false
  end
elseif mine then
  deadline = now + lease
  redis.call('HSET', KEYS[3], 'deadline', string.format('%.0f', deadline))
elseif holder == '' or deadline <= now or deadline > now + lease or (holder == node and held == 0) then
  holder, token, deadline, rev, changed = node, math.max(token + 1, now), now + lease, rev + 1, true
  mine = true
end
if changed then
  local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  local image = string.format('{"rev":%.0f,"holder":%s,"token":%.0f,"deadline":%.0f}', rev, holder_json, token, deadline)
  redis.call('HSET', KEYS[3], 'rev', string.format('%.0f', rev), 'holder', holder,
    'token', string.format('%.0f', token), 'deadline', string.format('%.0f', deadline))
  redis.call('XADD', KEYS[2], '*', 'g', ARGV[1], 's', tostring(seq), 'e', ARGV[2], 'lead:', image)
end
return {'OK', string.format('%.0f', rev), holder, string.format('%.0f', token),
  string.format('%.0f', deadline), string.format('%.0f', now), mine and '1' or '0'}
