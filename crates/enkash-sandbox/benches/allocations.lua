-- wrk script: allocations to 1,000 people of the sandbox, each with a reference of its own.
-- Takes TOKEN from the environment; see docs/performance.md.
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["partnerId"] = "CRM0SNDBX"
wrk.headers["Content-Type"] = "application/json"

local count = 0
local run = math.random(1, 1e9)
local body = '{"companyId":"CEK0SANDBX","cardAccountId":"CA0SNDBX1","transactionCode":"ALLOCATION",'
  .. '"transactionType":"CR","type":"ALLOCATE_POINT","email":"a2@example.com","mobile":"90000%05d","title":"Mr",'
  .. '"firstName":"Ashwini","gender":"M","loadAmount":11.25,"uniqueReferenceNumber":"T%d-%d"}'

request = function()
  count = count + 1
  return wrk.format(nil, nil, nil, string.format(body, count % 1000, run, count))
end
