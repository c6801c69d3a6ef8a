// Pages outside the shell (sign-in, errors): only the small things.
import { startMenus } from "./desk/menus";

startMenus(document);
