/** What each selected layer is for: the source, the mask, a reference, or nothing. Pure. */
import { overlap } from "../geometry.ts";
import type { Sighted } from "../messages.ts";

export type Role = "source" | "mask" | "reference" | "none";

export const ROLES: readonly (readonly [Role, string])[] = [
  ["source", "Source"],
  ["mask", "Mask"],
  ["reference", "Reference"],
  ["none", "Not used"],
];

/**
 * The first picture is the source, the first shape above it the mask, and what else shows something a reference. What a
 * person chose stays as long as the same layer is selected.
 */
export function rolesOf(selection: readonly Sighted[], chosen: ReadonlyMap<string, Role>): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const { id } of selection) {
    const role = chosen.get(id);
    if (role) roles.set(id, role);
  }
  const taken = (role: Role) => [...roles.values()].includes(role);
  if (!taken("source")) {
    const free = selection.filter(({ id }) => !roles.has(id));
    const source = free.find(({ part }) => part === "picture") ?? largest(free);
    if (source) roles.set(source.id, "source");
  }
  const source = selection.find(({ id }) => roles.get(id) === "source");
  for (const sight of selection) {
    if (roles.has(sight.id)) continue;
    const covers = source && sight.part === "shape" && overlap(sight.box, source.box);
    if (covers && !taken("mask")) roles.set(sight.id, "mask");
    else roles.set(sight.id, sight.part === "other" ? "none" : "reference");
  }
  return roles;
}

/** Another role for one of them: there is one source and one mask, and whoever was it before steps back. */
export function assigned(roles: ReadonlyMap<string, Role>, id: string, role: Role): Map<string, Role> {
  const next = new Map(roles);
  if (role === "source" || role === "mask") {
    for (const [other, held] of next) if (held === role) next.set(other, "reference");
  }
  return next.set(id, role);
}

function largest(sights: readonly Sighted[]): Sighted | undefined {
  return [...sights].sort((one, other) => other.box.width * other.box.height - one.box.width * one.box.height)[0];
}
