// Russian words for numbers, by the plural rules of the locale.
const rules = new Intl.PluralRules("ru-RU");
const FORMS = {
  minute: { one: "минуту", few: "минуты", many: "минут" },
  second: { one: "секунду", few: "секунды", many: "секунд" },
};

export function span(seconds) {
  const unit = seconds < 60 ? "second" : "minute";
  const amount = unit === "second" ? Math.max(seconds, 0) : Math.ceil(seconds / 60);
  return `${amount}\u00a0${FORMS[unit][rules.select(amount)]}`;
}

export function announce(text, urgent = false) {
  const place = document.getElementById(urgent ? "announce-now" : "announce");
  if (place) place.textContent = text;
}
