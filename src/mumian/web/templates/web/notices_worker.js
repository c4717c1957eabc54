{% load static %}// Shows what the site sends to this device, also while no page of it is open. It keeps and answers nothing else.

self.addEventListener("push", (event) => {
  const { title, body, url, tag, lang } = event.data.json();
  event.waitUntil(
    self.registration.showNotification(title, { body, tag, lang, renotify: true, icon: "{% static 'web/mark.svg' %}", data: { url } }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});
