// The list of tickets: keys, choosing, the filter, what changes meanwhile. The page comes and goes in the shell; the list begins with each.

import { TicketList } from "./tickets/list";

const list = new TicketList(document);
document.addEventListener("htmx:afterSettle", () => list.look());
list.look();
