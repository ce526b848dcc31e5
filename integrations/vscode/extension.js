// Easel for VS Code: starts `easel lsp`, and does itself what needs a picker for files. It knows nothing of recipes; all
// of that is the server's.

const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** What stands above a recipe, and what is asked for before it runs. */
const COMMANDS = {
  "easel.runOnPicture": {
    title: "Run on a picture",
    /** @type {vscode.OpenDialogOptions} */
    picker: {
      openLabel: "Run",
      canSelectMany: false,
      filters: { Pictures: ["jpg", "jpeg", "png", "webp", "tif", "tiff"], "All files": ["*"] },
    },
    /** @type {(recipe: string, picked: string) => string[]} */
    words: (recipe, picked) => ["recipe", "run", recipe, picked],
  },
  "easel.watchFolder": {
    title: "Watch a folder",
    /** @type {vscode.OpenDialogOptions} */
    picker: { openLabel: "Watch", canSelectFiles: false, canSelectFolders: true },
    /** @type {(recipe: string, picked: string) => string[]} */
    words: (recipe, picked) => ["folder", "add", picked, "--recipe", recipe],
  },
};

/** Easel's files. The server looks at names once more and leaves all others alone. */
const SELECTOR = [
  "**/*.easel.toml",
  "**/easel/**/folders.toml",
  "**/easel/**/models/*.toml",
  "**/easel/**/backend.toml",
].map((pattern) => ({ scheme: "file", pattern }));

/** @type {LanguageClient | undefined} */
let client;

function program() {
  const named = vscode.workspace.getConfiguration("easel").get("path");
  return typeof named === "string" && named.trim() !== "" ? named.trim() : "easel";
}

/**
 * Asks for a file or a folder and runs the program with it, in a terminal that stays open.
 *
 * @param {keyof typeof COMMANDS} name
 * @param {unknown} address the recipe's, where a lens was clicked
 */
async function run(name, address) {
  const { title, picker, words } = COMMANDS[name];
  const active = vscode.window.activeTextEditor?.document.uri;
  const recipe = typeof address === "string" ? vscode.Uri.parse(address) : active;
  if (!recipe?.path.endsWith(".easel.toml")) {
    void vscode.window.showWarningMessage("Open a recipe first: a file whose name ends in .easel.toml.");
    return;
  }
  const open = vscode.workspace.textDocuments.find((it) => it.uri.toString() === recipe.toString());
  // What runs reads the file.
  if (open?.isDirty && !(await open.save())) {
    return;
  }
  const picked = await vscode.window.showOpenDialog({ title, ...picker });
  const chosen = picked?.[0];
  if (chosen === undefined) {
    return;
  }
  const execution = new vscode.ProcessExecution(program(), words(recipe.fsPath, chosen.fsPath), {
    cwd: path.dirname(recipe.fsPath),
  });
  const kind = { type: "easel", command: name };
  const task = new vscode.Task(kind, vscode.TaskScope.Workspace, title, "easel", execution);
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  await vscode.tasks.executeTask(task);
}

async function start() {
  const executable = { command: program(), args: ["lsp"] };
  client = new LanguageClient("easel", "Easel", executable, {
    documentSelector: SELECTOR,
    middleware: {
      // The server knows these commands as well, for editors that have no picker.
      executeCommand: (name, args, next) => {
        if (name === "easel.runOnPicture" || name === "easel.watchFolder") {
          return run(name, args[0]);
        }
        return next(name, args);
      },
    },
  });
  try {
    await client.start();
  } catch (error) {
    const settings = "Open settings";
    const why = error instanceof Error ? error.message : String(error);
    const words = `\`${program()} lsp\` does not start: ${why}. Say where easel is in the setting easel.path.`;
    if ((await vscode.window.showErrorMessage(words, settings)) === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "easel.path");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running?.needsStop()) {
    await running.stop();
  }
}

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("easel.path")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
