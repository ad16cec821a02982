// Copying a `console` block copies what is typed: no `$`, and nothing of what is printed.

/** The commands of a block, also those that go on in the next line. */
export function typed(block) {
  const lines = block.split('\n');
  const taken = [];
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('$ ')) taken.push(line.slice(2));
    else if (i > 0 && lines[i - 1].endsWith('\\')) taken.push(line);
  }
  return taken.join('\n');
}

/** Takes clicks on the copy buttons of such blocks before the theme does. */
export function copyCommands(document) {
  document.addEventListener('click', take, { capture: true });
}

async function take(event) {
  const button = event.target.closest?.('.language-console > button.copy');
  if (!button) return;
  event.stopPropagation();
  await navigator.clipboard.writeText(typed(button.parentElement.querySelector('code').innerText));
  button.classList.add('copied');
  button.blur();
  // As long as the theme's own buttons say so.
  setTimeout(() => button.classList.remove('copied'), 2000);
}
