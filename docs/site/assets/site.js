// Lets the tab key lead to code and tables that scroll sideways, because the arrow keys scroll what has the focus.
function markScrolling() {
  for (const one of document.querySelectorAll("pre, .table-wrapper")) {
    if (one.scrollWidth > one.clientWidth) {
      one.tabIndex = 0;
    } else {
      one.removeAttribute("tabindex");
    }
  }
}
addEventListener("load", markScrolling);
addEventListener("resize", markScrolling);
addEventListener("change", markScrolling);  // a tab that was hidden had no width
