"""Criminal cases worked in turn by police, procuratorate, court and executing authority: terms, rights, legal aid."""
