# A day, by CLDR's long pattern, and the months in it.
date = { $day } de { $month } de { $year }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre

# The browser or app and the system of a device.
device-on = { $program } en { $system }
device-name = { $name }
device-unknown = Dispositivo desconocido
