-- wrk: POST each line of FILE in turn, each thread from its own place. wrk … -s load.lua URL -- FILE KEYFILE
local bodies, headers, at, thread_count, prefix = {}, {}, 0, 0, ""

function setup(thread)
  thread:set("nth", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  local key = io.open(args[2]):read("*l")
  headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. key }
  at = nth * 7873
  prefix = args[3] or "load"
end

function request()
  at = at + 1
  headers["Idempotency-Key"] = prefix .. "-" .. nth .. "-" .. at
  return wrk.format("POST", nil, headers, bodies[at % #bodies + 1])
end

-- The first refusal of each thread is shown: a figure of refusals is worth nothing.
local shown = false
function response(status, _, body)
  if status >= 300 and not shown then
    shown = true
    io.stderr:write("refused: ", status, " ", body, "\n")
  end
end
