/**
 * What Figma puts into the frame of a plugin that asks for `themeColors`: a class and a sheet of variables. The values
 * are those that Figma had when this was written, as far as the plugin uses their names.
 */
export type Theme = "light" | "dark";

const VALUES: Record<Theme, Record<string, string>> = {
  light: {
    "bg": "#ffffff",
    "bg-secondary": "#f5f5f5",
    "bg-tertiary": "#e6e6e6",
    "bg-hover": "#f5f5f5",
    "bg-brand": "#0d99ff",
    "bg-brand-secondary": "#0768cf",
    "text": "rgba(0, 0, 0, 0.9)",
    "text-secondary": "rgba(0, 0, 0, 0.5)",
    "text-brand": "#007be5",
    "text-onbrand": "#ffffff",
    "text-warning": "#b86200",
    "text-danger": "#dc3412",
    "border": "#e6e6e6",
  },
  dark: {
    "bg": "#2c2c2c",
    "bg-secondary": "#383838",
    "bg-tertiary": "#444444",
    "bg-hover": "#383838",
    "bg-brand": "#0c8ce9",
    "bg-brand-secondary": "#105cad",
    "text": "#ffffff",
    "text-secondary": "rgba(255, 255, 255, 0.7)",
    "text-brand": "#7cc4f8",
    "text-onbrand": "#ffffff",
    "text-warning": "#fbbc42",
    "text-danger": "#fca397",
    "border": "#444444",
  },
};

export function sheet(theme: Theme): string {
  const lines = Object.entries(VALUES[theme]).map(([name, value]) => `--figma-color-${name}: ${value};`);
  return `:root { ${lines.join(" ")} }`;
}

/** The markup of a plugin as Figma frames it: theme, and the policy that the manifest's domains make. */
export function framed(html: string, theme: Theme, domains: string[]): string {
  const allowed = domains.join(" ");
  const policy = `default-src data: blob: ${allowed}; script-src 'unsafe-inline' 'unsafe-eval' data: blob: ${allowed}; style-src 'unsafe-inline' data: blob: ${allowed}; font-src data: blob: ${allowed};`;
  const head = `<meta http-equiv="Content-Security-Policy" content="${policy}"><style id="figma-style">${sheet(theme)}</style>`;
  return html.replace("<html", `<html class="figma-${theme}"`).replace("<head>", () => `<head>${head}`);
}
