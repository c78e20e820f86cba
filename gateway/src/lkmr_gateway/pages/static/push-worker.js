// Runs apart from pages: shows what was pushed, opens the message that it tells of.
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  event.waitUntil(
    self.registration.showNotification(told.title || "Кабинет медработника", {
      body: told.body || "В кабинете новое сообщение.",
      tag: told.tag,
      data: { url: told.url },
      lang: "ru",
    }),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || "/messages", self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href));
});
