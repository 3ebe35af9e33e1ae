-- A node tells again what it owns, after Redis lost it. Of each entity the higher revision stays.
--
-- KEYS  1 meta  2 log  3 lead (unused)  4 unused  5..8 ids of legs, agents, phones, closures
--       then the entities, then the queues of the places
-- ARGV  1 gen  2 op  3 header (JSON of an entry without gen, seq and images)  4 ended_ttl (ms)
--       5 number of entities  6 number of places
--       then  entities: type (1..4), id, rev, state, due (ms), img
--             places:   entity it belongs to (1..), leg, score (ms), remove (1 or 0)
-- Returns  {OK, id, seq, (n)...}   the entities written; id "" when all were known
--          {GEN, gen}              another data set, or none ("")

local stored = redis.call('HGET', KEYS[1], 'gen')
if stored ~= ARGV[1] then return {'GEN', stored or ''} end
local n, np = tonumber(ARGV[5]), tonumber(ARGV[6])
local names = {'leg:', 'agent:', 'phone:', 'closure:'}
local newer, any = {}, false
for i = 1, n do
  local rev = tonumber(redis.call('HGET', KEYS[8 + i], 'rev') or '0')
  newer[i] = rev < tonumber(ARGV[6 + 6 * (i - 1) + 3])
  any = any or newer[i]
end
if not any then return {'OK', '', '0'} end
local seq = tostring(redis.call('HINCRBY', KEYS[1], 'seq', 1))
local entry = {KEYS[2], '*', 'g', ARGV[1], 's', seq, 'e', ARGV[3]}
for i = 1, n do
  local a = 6 + 6 * (i - 1)
  if newer[i] then
    entry[#entry + 1] = names[tonumber(ARGV[a + 1])] .. ARGV[a + 2]
    entry[#entry + 1] = ARGV[a + 6]
  end
end
local id = redis.call('XADD', unpack(entry))
local result = {'OK', id, seq}
for i = 1, n do
  if newer[i] then
    local a = 6 + 6 * (i - 1)
    local key, index = KEYS[8 + i], KEYS[4 + tonumber(ARGV[a + 1])]
    redis.call('HSET', key, 'rev', ARGV[a + 3], 'op', ARGV[2], 'state', ARGV[a + 4], 'due', ARGV[a + 5],
      'img', ARGV[a + 6], 'id', id, 'seq', seq)
    if ARGV[a + 4] == 'ended' then
      redis.call('SREM', index, ARGV[a + 2])
      redis.call('PEXPIRE', key, ARGV[4])
    else
      redis.call('SADD', index, ARGV[a + 2])
    end
    result[#result + 1] = tostring(i)
  end
end
for i = 1, np do
  local a = 6 + 6 * n + 4 * (i - 1)
  if newer[tonumber(ARGV[a + 1])] then
    if ARGV[a + 4] == '1' then
      redis.call('ZREM', KEYS[8 + n + i], ARGV[a + 2])
    else
      redis.call('ZADD', KEYS[8 + n + i], ARGV[a + 3], ARGV[a + 2])
    end
  end
end
return result
