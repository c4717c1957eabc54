"""Defence: files read, meetings booked, requests answered, investigation orders."""
