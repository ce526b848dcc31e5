-- `vim.lsp.config` and `vim.lsp.enable` for a Neovim that is older than both, as far as the manual's snippet uses them:
-- it shows that the snippet's functions do what they should, not that a newer Neovim reads it.

if vim.fn.has("nvim-0.11") == 0 then
  local known = {}
  vim.lsp.config = function(name, config)
    known[name] = config
  end
  vim.lsp.enable = function(name)
    local config = assert(known[name], "enabled before it was described")
    vim.api.nvim_create_autocmd("FileType", {
      pattern = config.filetypes,
      callback = function(event)
        config.root_dir(event.buf, function(root)
          local started = { name = name, cmd = config.cmd, root_dir = root }
          vim.lsp.start(started, { bufnr = event.buf })
        end)
      end,
    })
  end
end
