// Goes on to the record at once. Sent before the page has loaded, the form takes this page's place in the
// browser's history, so that Back leads to the inbox.
document.querySelector("[data-open-notification]").submit();
