// Where the desk stands: which interaction, which page of the work area. Kept in the address, so that a reload comes back to it.

export interface Place {
  interaction: string;
  params: URLSearchParams;
}

/** The place that an address of the desk means. */
export function placeOf(search: string): Place {
  const params = new URLSearchParams(search);
  return { interaction: params.get("interaction") ?? "", params };
}

/** Which fragments change when one goes from `from` to `to`. */
export function changed(from: Place, to: Place): string[] {
  if (from.interaction !== to.interaction) return ["tools", "comm", "itabs", "account", "work", "alerts", "greeting", "pad"];
  return ["work", "itabs"];
}

/** The address of some fragments for a place. */
export function fragmentsUrl(base: string, names: readonly string[], search: string): string {
  const params = new URLSearchParams(search);
  params.set("names", names.join(","));
  return `${base}?${params}`;
}
