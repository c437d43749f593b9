/* Carries the word toggle of a row of Compare: the view "result" draws it, this one talks to the server. */

export default function ({ data, setTriggerValue }) {
  const line = (window.relevanceLabToggle ??= {});
  line.data = data;
  line.send = setTriggerValue;
  line.listener?.();
}
