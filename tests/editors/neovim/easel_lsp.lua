-- Drives the real Neovim from inside as a person would: opens a recipe, waits for what the server says, asks for
-- everything else, and writes down what it saw. `EASEL_E2E` names the recipe and `EASEL_E2E_OUT` the report's file.

local seen = {}
local patience = 30000

-- Waits until something holds, and names it where it never does.
local function wait(what, condition)
  if not vim.wait(patience, condition, 10) then
    error("waited in vain for " .. what)
  end
end

local function messages()
  return vim.tbl_map(function(it)
    return it.lnum .. " " .. tostring(it.code) .. ": " .. it.message
  end, vim.diagnostic.get(0))
end

-- A request at a place of the buffer, from 0.
local function ask(method, line, character, more)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(0),
    position = { line = line, character = character },
  }
  local answers = vim.lsp.buf_request_sync(0, method, vim.tbl_extend("force", params, more or {}), patience)
  for _, answer in pairs(answers or {}) do
    return answer.result, answer.err
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

local function find(pattern)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(pattern, 1, true)
    if column then
      return number - 1, column - 1
    end
  end
  error("no " .. pattern)
end

local function steps()
  vim.cmd.edit(vim.env.EASEL_E2E)
  seen.filetype = vim.bo.filetype
  wait("a client", function()
    return #vim.lsp.get_clients({ bufnr = 0, name = "easel" }) == 1
  end)
  local client = vim.lsp.get_clients({ bufnr = 0, name = "easel" })[1]
  wait("diagnostics", function()
    return #vim.diagnostic.get(0) > 0
  end)
  seen.broken = messages()
  seen.encoding = client.offset_encoding

  -- What a menu would offer.
  local line, column = find('"edti"')
  local items = ask("textDocument/completion", line, column + 1)
  seen.completion = vim.tbl_map(function(it)
    return it.label
  end, items.items or items)

  -- A key is explained.
  seen.hover = ask("textDocument/hover", line, 2).contents.value

  -- The first fix is taken, and the diagnostics go.
  vim.api.nvim_win_set_cursor(0, { line + 1, column + 1 })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.isPreferred
    end,
  })
  wait("the fix", function()
    return text():find('"edit"', 1, true) ~= nil
  end)
  wait("no diagnostics", function()
    return #vim.diagnostic.get(0) == 0
  end)

  -- The axis gets another name, from one of the places that use it.
  line, column = find("{mood}")
  vim.api.nvim_win_set_cursor(0, { line + 1, column + 2 })
  vim.lsp.buf.rename("hour")
  wait("the new name", function()
    return text():find("hour = [", 1, true) ~= nil
  end)

  vim.lsp.buf.format({ timeout_ms = patience })
  seen.formatted = text()

  local symbols = ask("textDocument/documentSymbol", 0, 0)
  seen.symbols = vim.tbl_map(function(it)
    return it.name
  end, symbols)
  local lenses = ask("textDocument/codeLens", 0, 0)
  seen.lenses = vim.tbl_map(function(it)
    return it.command.title
  end, lenses)

  -- What is typed is judged anew; the text that is there then is the one that is meant.
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { "[budget]", 'picture = "much"' })
  wait("the new fault", function()
    return #vim.diagnostic.get(0) == 1
  end)
  seen.typed = messages()

  client.stop()
  wait("the server's end", function()
    return client.is_stopped()
  end)
end

local ok, problem = xpcall(steps, debug.traceback)
seen.ok = ok
seen.problem = problem and tostring(problem) or nil
seen.version = tostring(vim.version())
local file = assert(io.open(vim.env.EASEL_E2E_OUT, "w"))
file:write(vim.json.encode(seen))
file:close()
vim.cmd("qall!")
