DROP TABLE gift_opens;
DROP TABLE gifts;
