import "./desk/menus";
